"""Uploaded files hold what buyers told the platform: they go as soon as nothing may read them any more."""

from datetime import datetime, timedelta

from django.db.models import Q

from orders.models import Import, ImportFile
from orders.uploads import uploads_folder

PREVIEW_KEPT, FAILED_KEPT = timedelta(days=1), timedelta(days=7)
SETTLING = timedelta(hours=1)  # a file is stored before its import is written


def discard_uploads(now: datetime) -> int:
    """A step of the tick: throws away previews that nobody confirmed within a day, and the files of what is imported,
    thrown away, or failed a week ago. Returns how many files went. What a file held
    (`orders/readers/opened.py`) goes with it."""
    state = Import.State
    Import.objects.filter(state=state.PREVIEW, created_at__lt=now - PREVIEW_KEPT).update(state=state.CANCELLED)
    folder = uploads_folder()
    if not folder.exists():
        return 0
    under_way = Q(state__in=(state.LOOKING, state.PREVIEW, state.WAITING, state.RUNNING))
    wanted = Import.objects.filter(under_way | Q(state=state.FAILED, created_at__gte=now - FAILED_KEPT))
    kept = {file["digest"] for files in wanted.values_list("uploads", flat=True) for file in files}
    kept.update(ImportFile.objects.filter(batch__in=wanted).values_list("digest", flat=True))
    gone, settled = 0, (now - SETTLING).timestamp()
    for path in folder.iterdir():
        if path.name.partition(".")[0] not in kept and path.stat().st_mtime < settled:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
