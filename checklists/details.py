"""What comes with an answer besides its value."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from checklists.models import Answer, Item, Run
from people.models import Employee, Shop
from records.canonical import canonical_text, sha256


@dataclass(frozen=True, kw_only=True)
class Details:
    """What came with an answer besides its value. Photos are JPEG bytes, already verified."""

    number: Decimal | None = None
    text: str = ""
    reason: str = ""
    note: str = ""
    photos: tuple[bytes, ...] = field(default=(), repr=False)
    with_case: bool = False
    case_shop: Shop | None = None
    correction: str = ""
    correction_by: Employee | None = None
    correction_due: datetime | None = None

    def content(self, run: Run, item: Item, employee: Employee, value: str) -> str:
        """The digest by which a repeat is recognized as the same."""
        return sha256(
            canonical_text(
                {
                    "run": run.pk,
                    "item": item.pk,
                    "employee": employee.pk,
                    "value": value,
                    "number": None if self.number is None else str(self.number),
                    "text": self.text,
                    "reason": self.reason,
                    "note": self.note,
                    "photos": [hashlib.sha256(photo).hexdigest() for photo in self.photos],
                    "correction": self.correction,
                }
            )
        )


def data_digest(answer: Answer) -> str:
    """Of what the evidence said when it was given: the figure with its moment and gaps, the sample's verdicts."""
    return sha256(canonical_text(answer.data))
