"""Whether the parts that the product needs are alive; for monitors, without sign-in."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from duties.models import Beat
from kernel import clock


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, worker and tick are alive, else 503; each named with its state."""
    state = {"database": "ok", "worker": "silent", "tick": "silent"}
    try:
        connection.ensure_connection()
        beats = dict(Beat.objects.values_list("name", "at"))
    except DatabaseError:
        return JsonResponse({**state, "database": "unreachable"}, status=503)
    for name, silence in (("worker", timedelta(minutes=3)), ("tick", timedelta(minutes=3))):
        if name in beats and clock.now() - beats[name] < silence:
            state[name] = "ok"
    response = JsonResponse(state, status=200 if set(state.values()) == {"ok"} else 503)
    response._has_been_logged = True  # a monitor asks often; its answer is no error of the server
    return response
