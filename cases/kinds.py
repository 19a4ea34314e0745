"""Which kind of case a finding makes."""

from cases.models import Case
from orders.models import Finding

KIND_OF_FINDING: dict[str, str] = {
    Finding.Code.LATE_UNSHIPPED: Case.Kind.UNSHIPPED,
    Finding.Code.DUE_WITHIN_12H: Case.Kind.UNSHIPPED,
    Finding.Code.REFUND_HOLD: Case.Kind.HOLD,
    Finding.Code.NO_PICKUP_24H: Case.Kind.NO_PICKUP,
    Finding.Code.TRACKING_STALLED: Case.Kind.STALLED,
}


def kind_of(finding: Finding) -> str:
    return KIND_OF_FINDING.get(finding.code, Case.Kind.MISMATCH)
