"""Looking at files before anything is kept of them: what they are, what they would change, which rows are refused."""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from kernel import clock
from kernel.errors import Refused
from kernel.pacing import Pace
from orders.couriers import is_known_courier
from orders.models import Coverage, Import, ImportFile, RowFault, RowNote
from orders.readers.cells import BadCell
from orders.readers.opened import opened
from orders.readers.rows import ALL_KNOWN, LabelRow, OrderRow, Row, TrackingRow, Unknown, read_rows
from orders.readers.table import Explained, Table, UnknownHeader, glimpse, open_tables, words_of
from orders.selectors.columns import known_headers
from orders.services.ages import Age, age_of, exported_at
from orders.services.keeping import KEEPERS, Tally
from orders.services.meeting import Meeting
from orders.services.sharing import BATCH, of_known_shops, shares
from orders.uploads import Stored, stored_path
from people.models import Role, Shop
from people.scope import Scope

FAULTS_KEPT, WORDS_KEPT = 1000, 30
KIND_ORDER = ("orders", "items", "aftersales", "labels", "tracking", "")


class ThrownAway(Exception):
    """Nobody waits for this look any more."""


class Glance:
    """How far a look is, told once a second; who asks for it learns whether it is still wanted."""

    def __init__(self, batch: Import) -> None:
        self.rows = Import.objects.filter(pk=batch.pk, state=Import.State.LOOKING)
        self.seen = self.all = 0
        self.told_at = time.monotonic()

    def tell(self, rows: int = 0) -> None:
        """Raises ThrownAway."""
        self.seen += rows
        if time.monotonic() - self.told_at < 1:
            return
        self.told_at = time.monotonic()
        if not self.rows.update(seen_rows=self.seen, all_rows=self.all):
            raise ThrownAway


@dataclass
class Looks:
    """What looking at all files of an import showed."""

    files: "list[tuple[ImportFile, Table | None, Look]]"
    shop_names: dict[str, int | None]


def look_at(
    batch: Import,
    stored: Sequence[Stored],
    scope: Scope,
    *,
    asks: bool,
    newest: Collection[tuple[str, str, str]],
) -> Looks:
    shop, glance = batch.shop, Glance(batch)
    pairs = _opened(stored, known_headers(), glance, asks=asks)
    for file, _table in pairs:
        file.is_newest = (file.digest, file.name, file.sheet) in newest
    pairs.sort(key=lambda pair: KIND_ORDER.index(pair[1].kind if pair[1] else ""))
    shop_names = _shop_names(shop, [table for _file, table in pairs], scope)
    ids = list(dict.fromkeys([shop.pk, *filter(None, shop_names.values())]))
    meeting = Meeting(ids)
    glance.all = sum(table.rows_at_most for _file, table in pairs if table)
    looks = [_look_well(file, shop_names, ids, table, meeting, glance) if table else Look() for file, table in pairs]
    return Looks([(file, table, look) for (file, table), look in zip(pairs, looks, strict=True)], shop_names)


Pair = tuple[ImportFile, Table | None]


def _opened(stored: Sequence[Stored], explained: Explained, glance: Glance, *, asks: bool) -> list[Pair]:
    """Each table of the files; what cannot be read stands beside the rest of its workbook or archive as left out."""
    found: list[Pair] = []
    problems: list[tuple[ImportFile, Refused]] = []
    for file in stored:
        try:
            opened(stored_path(file.digest), file.name, glance.tell)
            found += _tables(file, explained)
        except Refused as problem:
            if not file.inside and not (asks and _may_ask(file, problem)):
                raise
            problems.append((_file(file), problem))
    for row, refusal in problems:
        is_header = isinstance(refusal, UnknownHeader)
        if found or len(problems) > 1:
            row.left_out = ImportFile.LeftOut.HEADER if is_header else ImportFile.LeftOut.FILE
        if not row.inside or (asks and is_header and not found):
            row.left_out = ""  # to be explained first
        elif not found:
            raise refusal
        found.append((row, None))
    return found


def _may_ask(file: Stored, problem: Refused) -> bool:
    return isinstance(problem, UnknownHeader) and glimpse(stored_path(file.digest), file.name) is not None


def _tables(file: Stored, explained: Explained) -> list[Pair]:
    book = open_tables(stored_path(file.digest), file.name, explained)
    is_one = len(book.tables) + len(book.unread) == 1
    found: list[Pair] = [(_file(file, "" if is_one else table.sheet), table) for table in book.tables]
    for sheet in book.unread:
        row = _file(file, sheet)
        row.left_out = ImportFile.LeftOut.HEADER
        found.append((row, None))
    return found


def _file(file: Stored, sheet: str = "") -> ImportFile:
    return ImportFile(
        name=file.name[:200], inside=file.inside[:200], sheet=sheet[:80], digest=file.digest, size=file.size
    )


def _shop_names(shop: Shop, tables: Sequence[Table | None], scope: Scope) -> dict[str, int | None]:
    """Where order reports name several shops: each name with the shop it is here, none for one that is not known or
    not the importer's. Where no name is known all rows are the chosen shop's, and the preview says what they name."""
    orders = [table for table in tables if table and table.kind == "orders"]
    if len({name for table in orders for name in words_of(table, "shop_name")}) < 2:
        return {}
    rows = (row for table in orders for _line, row in read_rows(table))  # what broken lines name is no shop
    names = {row.shop_name for row in rows if isinstance(row, OrderRow)} - {""}
    if len(names) < 2:
        return {}
    mine = scope.at_shops("pk", Role.MANAGER, reading=False)
    known = dict(Shop.objects.filter(mine, name__in=names, is_active=True).values_list("name", "id"))
    return {name: known.get(name) for name in sorted(names)} if known else {}


def write_looks(batch: Import, looks: Looks) -> None:
    batch.shop_names = looks.shop_names
    moments = [look.latest for *_rest, look in looks.files if look.latest]
    batch.as_of = min(max(moments), batch.created_at) if moments else None
    batch.save(update_fields=["shop_names", "as_of"])
    batch.shops.set(batch.shop_ids)
    for file, table, look in looks.files:
        file.batch, file.kind = batch, table.kind if table else ""
        file.is_latest_only = bool(table and table.is_latest_only)
        file.other_shop = "" if looks.shop_names else look.other_shop(batch.shop)
        file.unknown_words = _most(look.unknown_words)
        file.unknown_refunds = _most(look.unknown_refunds)
        file.unknown_couriers = _most(look.unknown_couriers)
        file.strangers = look.strangers
        file.rows, file.faults, file.latest_at = look.rows, look.faults, look.latest
        file.notes = dict(Counter(code for _line, code, _value in look.notes))
        file.new, file.changed, file.unchanged = look.tally.new, look.tally.changed, look.tally.unchanged
        file.save(force_insert=True)
        RowFault.objects.bulk_create(
            [RowFault(file=file, line=n, code=f.code, column=f.column, value=f.value) for n, f in look.kept]
        )
        RowNote.objects.bulk_create(
            [RowNote(file=file, line=n, code=code, value=value) for n, code, value in look.notes[: RowNote.MOST]],
            batch_size=500,
        )
        if table and table.kind in ("labels", "tracking") and look.earliest and look.latest:
            _write_coverage(batch, table, look, look.earliest, look.latest)


def _most(words: Counter[str]) -> list[str]:
    return [word for word, _n in words.most_common(WORDS_KEPT)]


def _write_coverage(batch: Import, table: Table, look: "Look", earliest: datetime, latest: datetime) -> None:
    is_tracking = table.kind == "tracking"
    if is_tracking and not look.couriers:
        return  # nobody knows the names of its couriers: it speaks for none
    for shop_id in batch.shop_ids:
        Coverage.objects.create(
            batch=batch,
            shop_id=shop_id,
            side=table.kind,
            couriers=sorted(look.couriers) if is_tracking else [],
            starts_at=earliest - (timedelta(days=3) if is_tracking else timedelta()),
            ends_at=latest,
            knows_first_event=not table.is_latest_only,
        )


@dataclass
class Look:
    """What one pass over a file showed."""

    rows: int = 0
    faults: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    couriers: set[str] = field(default_factory=set)
    shop_names: Counter[str] = field(default_factory=Counter)
    unknown_words: Counter[str] = field(default_factory=Counter)
    unknown_refunds: Counter[str] = field(default_factory=Counter)
    unknown_couriers: Counter[str] = field(default_factory=Counter)
    strangers: dict[str, Any] = field(default_factory=dict)
    kept: list[tuple[int, BadCell]] = field(default_factory=list)
    notes: list[tuple[int, str, str]] = field(default_factory=list)  # line, code, number

    def see(self, row: Row) -> None:
        moment = None
        if isinstance(row, OrderRow):
            moment = max(filter(None, (row.created_at, row.paid_at, row.shipped_at)), default=None)
            self.shop_names[row.shop_name] += 1
        elif isinstance(row, LabelRow):
            moment = row.printed_at
        elif isinstance(row, TrackingRow):
            moment = row.at
            if not row.courier or is_known_courier(row.courier):
                self.couriers.add(row.courier)
        if row.unknown is not ALL_KNOWN:
            self._ask(row.unknown)
        if moment:
            self.earliest = min(self.earliest or moment, moment)
            self.latest = max(self.latest or moment, moment)

    def _ask(self, unknown: Unknown) -> None:
        self.unknown_words.update(unknown.words)
        self.unknown_refunds.update(unknown.refunds)
        self.unknown_couriers.update(unknown.couriers)

    def other_shop(self, shop: Shop) -> str:
        """The shop that most rows name, where that is not the one they are imported for."""
        name = max(self.shop_names, key=self.shop_names.__getitem__, default="")
        return "" if name == shop.name else name


def _look_well(
    file: ImportFile,
    shop_names: dict[str, int | None],
    ids: list[int],
    table: Table,
    meeting: Meeting,
    glance: Glance,
) -> Look:
    """Looks at a file; again where all of it told what its top did not: digits that are lost, how old it is."""
    now = clock.now()
    file.exported_at = exported_at(f"{file.name} {table.above}", now)
    look = _look(shop_names, ids, table, meeting, glance, age_of(file, table, now))
    if file.exported_at and look.latest and look.latest > file.exported_at:
        file.exported_at = None  # what looked like a moment was none
    file.cut, file.latest_at = sorted(table.cut_after_all()), look.latest
    is_told = any(code in ("older", "goes_back") for _line, code, _number in look.notes)
    if set(file.cut) != table.cut or is_told:
        table = replace(table, cut=frozenset(file.cut))
        look = _look(shop_names, ids, table, meeting, glance, age_of(file, table, now))
    return look


def _look(
    shop_names: dict[str, int | None], ids: list[int], table: Table, meeting: Meeting, glance: Glance, age: Age
) -> Look:
    look, keep = Look(), KEEPERS[table.kind]
    shops, met = Shop.objects.in_bulk(ids), meeting.of(table)
    for lines in Pace(BATCH).split(of_known_shops(read_rows(table), shop_names)):
        good, at = [], {}
        for line, row in lines:
            look.rows += 1
            if isinstance(row, BadCell):
                look.faults += 1
                if len(look.kept) < FAULTS_KEPT:
                    look.kept.append((line, row))
            else:
                look.see(row)
                good.append(row)
                at[id(row)] = line
        glance.tell(len(lines))
        look.notes += [(at[id(row)], code, number[:80]) for row, code, number in met.see(good)]
        for shop_id, rows in shares(good, ids, shop_names).items():
            tally = keep(shop=shops[shop_id], batch=None, rows=rows, age=age)
            look.notes += [(at[id(row)], code, number[:80]) for row, code, number in tally.notes]
            look.tally += replace(tally, notes=[])
    look.strangers = met.strangers
    look.notes.sort()
    return look
