"""A file's columns as the page that explains them shows them."""

import re
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from orders.models import ColumnMapping, ImportFile
from orders.readers.cells import plain
from orders.readers.table import Explained, Known, glimpse, open_table, signature
from orders.uploads import stored_path

BUYERS = re.compile(r"收|姓名|电话|手机|地址|买家|会员|旺旺|客户|身份证|支付宝|name|phone|address", re.IGNORECASE)
SAMPLE = 24  # characters


def known_headers() -> Explained:
    """What managers said of headers, and of couriers' names; of a name that which was said last."""
    rows = list(ColumnMapping.objects.order_by("saved_at"))
    headers = {m.signature: Known(m.kind, m.columns, m.statuses, m.refunds) for m in rows}
    return Explained(headers, {name: code for m in rows for name, code in m.couriers.items()})


@dataclass(frozen=True)
class Columns:
    """`choices` are (position, «C · 订单号 · 4155…»); `columns` and `statuses` what is known or was said before."""

    kind: str
    choices: list[tuple[int, str]]
    columns: dict[str, int]
    statuses: dict[str, str]
    words: list[str]
    refunds: dict[str, str]
    refund_words: list[str]
    couriers: dict[str, str]
    courier_names: list[str]
    saved: ColumnMapping | None


def columns_of(file: ImportFile, kind: str = "") -> Columns | None:
    """None when the file is gone or has no header."""
    path = stored_path(file.digest)
    seen = glimpse(path, file.name, sheet=file.sheet or None) if path.exists() else None
    if seen is None:
        return None
    saved = ColumnMapping.objects.filter(signature=signature(seen.header)).select_related("saved_by").first()
    columns = seen.suggested()
    if file.kind:
        columns |= open_table(path, file.name, known_headers(), seen.sheet).columns
    return Columns(
        kind=kind or file.kind or "orders",
        choices=[(at, _said(at, name, seen.rows)) for at, name in enumerate(seen.header) if name],
        columns=columns,
        statuses=saved.statuses if saved else {},
        words=sorted({*file.unknown_words, *(saved.statuses if saved else {})}),
        refunds=saved.refunds if saved else {},
        refund_words=sorted({*file.unknown_refunds, *(saved.refunds if saved else {})}),
        couriers=saved.couriers if saved else {},
        courier_names=sorted({*file.unknown_couriers, *(saved.couriers if saved else {})}),
        saved=saved,
    )


def _said(at: int, name: str, rows: list[list[str]]) -> str:
    """Letter, name and the first value beneath; of what looks like a buyer's no value."""
    values = [] if BUYERS.search(name) else [plain(row[at]) for row in rows if at < len(row) and plain(row[at])]
    sample = values[0] if values else ""
    cut = sample if len(sample) <= SAMPLE else sample[:SAMPLE] + "…"
    return " · ".join(filter(None, [get_column_letter(at + 1), name, cut]))
