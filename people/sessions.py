"""Sessions in the database, asked for by a prepared query."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from kernel.prepared import Prepared

ALIVE = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), key=CharField(), now=DateTimeField()
)


class SessionStore(DatabaseSessions):
    def _get_session_from_db(self) -> Session | None:
        found = ALIVE(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None
