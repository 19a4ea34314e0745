"""What is done when the worker died too often over something: it is told as failed, and can be tried again."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from duties.workers import given_up
from orders.models import Import, LabelPhoto
from orders.services.bringing import look_task
from orders.services.importing import fail_import, run_import_task
from orders.services.photos import photo_path, read_photo_task

DIED = _(
    "The background program ended several times over these files. What was kept stays; try again, or throw the import "
    "away."
)


def settle_lost(now: datetime) -> int:
    """A step of the tick: imports and photos of labels whose task was given up. Returns how many."""
    looked, kept = (Import.State.LOOKING,), (Import.State.WAITING, Import.State.RUNNING)
    count = 0
    for task, states in ((look_task, looked), (run_import_task, kept)):
        ids = list(Import.objects.filter(state__in=states).values_list("pk", flat=True))
        lost = given_up(task.module_path, ids)
        count += len([pk for pk in lost if fail_import(import_id=pk, problem=DIED)])
    waiting = dict(LabelPhoto.objects.filter(state=LabelPhoto.State.WAITING).values_list("pk", "client_id"))
    for pk in given_up(read_photo_task.module_path, list(waiting)):
        photos = LabelPhoto.objects.filter(pk=pk, state=LabelPhoto.State.WAITING)
        count += photos.update(state=LabelPhoto.State.FAILED)
        photo_path(waiting[pk]).unlink(missing_ok=True)
    return count
