"""Whether the parts that the product needs are alive; for monitors, without sign-in."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from duties.models import Beat
from kernel import clock
from kernel.disk import state_of_disks

LEAST_FREE = settings.LEAST_FREE_MB * 1024**2


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, worker and tick are alive and what is written finds room, else 503; each named with its
    state."""
    state = {"database": "ok", "worker": "silent", "tick": "silent", "disk": state_of_disks(_folders(), LEAST_FREE)}
    try:
        connection.ensure_connection()
        if not _takes_writes():
            state["database"] = "read-only"
        beats = dict(Beat.objects.values_list("name", "at"))
    except DatabaseError:
        return JsonResponse({**state, "database": "unreachable"}, status=503)
    for name, silence in (("worker", timedelta(minutes=3)), ("tick", timedelta(minutes=3))):
        if name in beats and clock.now() - beats[name] < silence:
            state[name] = "ok"
    response = JsonResponse(state, status=200 if set(state.values()) == {"ok"} else 503)
    vars(response)["_has_been_logged"] = True  # a monitor asks often; its answer is no error of the server
    return response


def _folders() -> set[Path]:
    """Where things are written: data, evidence, and the database where it is a file."""
    found = {Path(settings.DATA_DIR), Path(settings.EVIDENCE_DIR)}
    return found | {Path(connection.settings_dict["NAME"]).parent} if connection.vendor == "sqlite" else found


def _takes_writes() -> bool:
    """Without writing: a probe would wait for whoever writes at the moment."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only")
            return not cursor.fetchone()[0] and os.access(connection.settings_dict["NAME"], os.W_OK)
        cursor.execute("SHOW transaction_read_only")
        return cursor.fetchone()[0] == "off"
