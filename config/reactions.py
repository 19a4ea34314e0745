"""Which reaction answers which fact. A reaction is idempotent and takes the fact."""

from collections.abc import Callable

from cases.services import assign_retraining, reward_points
from duties.leaving import hand_on_after
from orders.services.reconciling import reconcile_import
from records.models import Fact
from training.services import assign_path, assign_version, end_paths

REACTIONS: dict[str, list[Callable[[Fact], None]]] = {
    "case.closed": [assign_retraining, reward_points],
    "import.finished": [reconcile_import],
    "membership.begun": [assign_path],
    "membership.changed": [assign_path],
    "membership.over": [end_paths, hand_on_after],
    "module.published": [assign_version],
}
