"""How old a file is: what an older one says is not taken for news."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from orders.models import ImportFile
from orders.readers.cells import SHANGHAI
from orders.readers.table import Table

STAMP = re.compile(
    r"(?<!\d)(20\d{2})[-_./年]?(\d{2})[-_./月]?(\d{2})日?[-_ T]?(\d{2})[-_:.时]?(\d{2})(?:[-_:.分]?(\d{2}))?(?!\d)"
)
RANK = {"unpaid": 0, "to_ship": 1, "part_shipped": 2, "shipped": 3, "done": 4, "closed": 4}
NEEDS = {  # what a value of an order is read from; a file without the column says nothing of it
    "created_at": ("created_at",),
    "shipped_at": ("shipped_at",),
    "receiver_surname": ("receiver",),
    "phone_tail": ("phone",),
    "province": ("address", "changed_address", "receiver_province", "receiver_city"),
    "city": ("address", "changed_address", "receiver_province", "receiver_city"),
    "title": ("title",),
    "quantity": ("quantity",),
    "amount_cents": ("amount",),
    "waybills": ("waybill",),
    "refund": ("refund_status", "aftersale_status", "refund_amount", "trouble"),
    "said_refund": ("refund_status", "aftersale_status", "refund_amount", "trouble"),
}


@dataclass(frozen=True)
class Age:
    """When a file was made: not before `since`, where its rows tell of that moment, and not after `until`. `is_exact`:
    its name or title says when. `is_newest`: a manager said that it is newer than what is known."""

    until: datetime
    since: datetime | None = None
    is_exact: bool = False
    is_newest: bool = False
    is_latest_only: bool = False
    columns: Collection[str] | None = None

    def is_older(self, said_at: datetime | None) -> bool:
        return self.is_exact and not self.is_newest and said_at is not None and self.until < said_at

    def is_newer(self, said_at: datetime | None) -> bool:
        return self.is_newest or said_at is None or (self.since is not None and self.since >= said_at)

    def tells(self, field: str) -> bool:
        """Whether the file has a column that says so."""
        return self.columns is None or field not in NEEDS or any(name in self.columns for name in NEEDS[field])


def age_of(file: ImportFile, table: Table, now: datetime) -> Age:
    """How old a file is that came in now, as far as it says so itself."""
    return Age(
        until=file.exported_at or now,
        since=file.exported_at or file.latest_at,
        is_exact=file.exported_at is not None,
        is_newest=file.is_newest,
        is_latest_only=table.is_latest_only,
        columns=table.columns,
    )


def goes_back(before: str, after: str) -> bool:
    """Whether a state of an order lies before the one that it had."""
    return before in RANK and after in RANK and RANK[after] < RANK[before]


def exported_at(text: str, now: datetime) -> datetime | None:
    """The moment of an export that a name or a title tells, «ExportOrderList202611230830»; the day alone is none."""
    for found in STAMP.finditer(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
        except ValueError:
            continue
        if moment <= now:
            return moment
    return None
