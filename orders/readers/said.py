"""What the words of a file mean: its states, what it says of refunds, couriers' names; and which words nobody knows."""

import re
from dataclasses import dataclass

from orders import aftersale
from orders.couriers import courier_code, is_known_courier
from orders.readers import cells
from orders.readers.cells import narrow, plain
from orders.readers.table import Table, headers

REFUNDS = ("refund_status", "aftersale_status", "refund_amount", "trouble")
STREET = re.compile(r"\d|[路街道巷弄号栋幢室楼村镇]|先生|女士|电话|收")
ENDED = re.compile("关闭|取消|撤销|拒绝|失败|驳回|成功|完成|不通过|CLOSED|SUCCESS|REFUSE")
LONGEST_TROUBLE = 16  # characters; more is a note, and may tell of the buyer
STATUSES = {"orders": "order_statuses", "tracking": "tracking_statuses", "labels": "label_statuses"}
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words of a row that nobody has explained: states, what is said of refunds, couriers' names."""

    words: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    couriers: tuple[str, ...] = ()

    def __add__(self, other: "Unknown") -> "Unknown":
        if self is ALL_KNOWN or other is ALL_KNOWN:
            return other if self is ALL_KNOWN else self
        return Unknown(self.words + other.words, self.refunds + other.refunds, self.couriers + other.couriers)


ALL_KNOWN = Unknown()


class Said:
    """What the words of a table mean: its states, couriers' names, words about refunds. Each is looked up once."""

    def __init__(self, table: Table) -> None:
        self.statuses = {**headers().get(STATUSES.get(table.kind, ""), {}), **table.said.statuses}
        self.refunds = table.said.refunds
        self.couriers = table.couriers
        self.tells_payment = "paid_at" in table.columns
        self.tells_refunds = any(name in table.columns for name in REFUNDS)
        self._states: dict[str, tuple[str, str]] = {}
        self._names: dict[str, tuple[str, Unknown]] = {}

    def state(self, cell: str) -> tuple[str, str]:
        """(the state as the file says it, ours or "")"""
        if cell not in self._states:
            said = said_status(cell)
            self._states[cell] = (said, self.statuses.get(said, ""))
        return self._states[cell]

    def courier(self, cell: str) -> tuple[str, Unknown]:
        if cell not in self._names:
            self._names[cell] = self._courier(plain(cell))
        return self._names[cell]

    def _courier(self, name: str) -> tuple[str, Unknown]:
        code = self.couriers.get(name) or courier_code(name)
        if not code or is_known_courier(code):
            return code, ALL_KNOWN
        return code, Unknown(couriers=(name[:40],))


def said_status(cell: str) -> str:
    """A state as files say it, without what makes no difference: «买家已付款, 等待…» is «买家已付款，等待…»."""
    return narrow(cell).replace(",", "，").replace(" ", "")[:40]


def is_closed(row: Cells) -> bool:
    """Whether a row says that what was asked for has ended, which «nothing was asked for» does not."""
    return any(ENDED.search(row.get(name, "")) for name in ("refund_status", "aftersale_status"))


def refund_said(row: Cells, said: Said) -> tuple[str, Unknown]:
    """What a row says of refunds, and the words of it that nobody has explained. A word counts before an amount; of
    money that went back, less than the whole is a part."""
    if not said.tells_refunds:
        return aftersale.NOTHING, ALL_KNOWN
    words = [word for name in ("refund_status", "aftersale_status") if (word := plain(row.get(name, ""))[:40])]
    states = [aftersale.state_of(word, said.refunds) for word in words]
    trouble = plain(row.get("trouble", ""))
    if trouble and trouble not in headers()["troubles"]:
        is_note = len(trouble) > LONGEST_TROUBLE or STREET.search(trouble)
        state = aftersale.UNKNOWN if is_note else aftersale.state_of(trouble, said.refunds)
        words, states = [*words, "…" if is_note else trouble], [*states, state]
    unknown = tuple(word for word, state in zip(words, states, strict=True) if state == aftersale.UNKNOWN)
    back = abs(cells.cents(row.get("refund_amount", ""), "refund_amount"))
    state = aftersale.worst(states)
    if state == aftersale.REFUNDED and 0 < back < cells.cents(row.get("amount", ""), "amount"):
        state = aftersale.NOTHING
    elif back and not words:
        state = aftersale.AMOUNT
    return state, Unknown(refunds=unknown) if unknown else ALL_KNOWN
