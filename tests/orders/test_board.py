"""Several findings at once, and what causes them over time."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kernel import clock
from orders.models import Finding, TrackingEvent
from records.models import LedgerEntry
from tests.cast import Cast
from tests.orders.factories import make_finding, make_import, make_order

SignIn = Callable[[Any], Client]


def three(cast: Cast) -> list[Finding]:
    return [make_finding(make_order(cast.shop, f"414000000000000000{n}")) for n in range(3)]


def test_several_findings_are_dismissed_with_one_reason(cast: Cast, sign_in: SignIn) -> None:
    client, chosen = sign_in(cast.mei), [f.pk for f in three(cast)[:2]]
    page = client.post("/orders/findings/dismiss/", {"finding": chosen})
    assert page.status_code == 200 and "2 条误报" in page.content.decode()
    assert client.post("/orders/findings/dismiss/", {"finding": chosen, "step": "reason"}).status_code == 422
    sent = {"finding": chosen, "step": "reason", "reason": "平台已更正"}
    assert client.post("/orders/findings/dismiss/", sent).status_code == 302
    assert [f.state for f in Finding.objects.order_by("id")] == ["dismissed", "dismissed", "open"]
    assert LedgerEntry.objects.filter(kind="finding.dismissed").count() == 2
    assert client.post("/orders/findings/dismiss/", sent).status_code == 302
    assert LedgerEntry.objects.filter(kind="finding.dismissed").count() == 2


def test_after_a_false_alarm_one_lands_where_one_was(cast: Cast, sign_in: SignIn) -> None:
    client, (one, *others) = sign_in(cast.mei), three(cast)
    board, why = f"/orders/board/?tab=pickup&shop={cast.shop.pk}&page=2", {"reason": "平台已更正"}
    page = f"/orders/findings/{one.pk}/"
    carried = f'<input type="hidden" name="next" value="{board.replace("&", "&amp;")}">'
    assert carried in client.get(page, headers={"referer": f"http://testserver{board}"}).content.decode()
    assert client.post(f"{page}dismiss/", {**why, "next": board}).headers["Location"] == board
    chosen = {"finding": [f.pk for f in others]}
    assert carried in client.post("/orders/findings/dismiss/", chosen, headers={"referer": board}).content.decode()
    sent = {**chosen, **why, "step": "reason", "next": board}
    assert client.post("/orders/findings/dismiss/", sent).headers["Location"] == board


@pytest.mark.parametrize("came", ["https://evil.example/", "//evil.example/x", "", "/orders/findings/{pk}/"])
def test_after_a_false_alarm_one_lands_on_no_other_site_nor_on_the_same_page(
    cast: Cast, sign_in: SignIn, came: str
) -> None:
    one, client = three(cast)[0], sign_in(cast.mei)
    sent = {"reason": "平台已更正", "next": came.format(pk=one.pk)}
    assert client.post(f"/orders/findings/{one.pk}/dismiss/", sent).headers["Location"] == "/orders/board/"


@pytest.mark.parametrize(
    ("sort", "tails"), [("", "312"), ("due", "312"), ("-due", "213"), ("-loss", "231"), ("order", "123"), ("x", "312")]
)
def test_board_is_sorted_by_its_heads(cast: Cast, sign_in: SignIn, sort: str, tails: str) -> None:
    make_import(cast.shop)
    for n, (hours, cents) in enumerate(((5, 100), (9, 900), (1, 500)), start=1):
        order = make_order(cast.shop, f"414000000000000000{n}")
        make_finding(order, due_at=clock.now() + timedelta(hours=hours), loss_cents=cents)
    page = sign_in(cast.mei).get("/orders/board/", {"tab": "mismatch", "sort": sort})
    assert "".join(card.finding.order.number[-1] for card in page.context["page"]) == tails
    state = {"-": "descending"}.get(sort[:1], "ascending")
    assert (f'aria-sort="{state}"' in page.content.decode()) == (sort != "x")


def test_auditor_chooses_nothing(cast: Cast, sign_in: SignIn) -> None:
    make_import(cast.shop)
    finding = three(cast)[0]
    client = sign_in(cast.zhao)
    assert 'name="finding"' not in client.get("/orders/board/").content.decode()
    assert client.post("/orders/findings/dismiss/", {"finding": [finding.pk]}).status_code == 403


@pytest.mark.parametrize("sent", [{}, {"finding": ["x", "9" * 30, "-1"]}])
def test_nothing_chosen_is_a_sentence(cast: Cast, sign_in: SignIn, sent: dict[str, Any]) -> None:
    for path in ("/orders/findings/dismiss/", "/cases/many/"):
        page = sign_in(cast.mei).post(path, sent, follow=True)
        assert "请先选择" in page.content.decode()


def test_causes_add_up_to_all_and_start_with_the_most_frequent(cast: Cast, sign_in: SignIn) -> None:
    orders = [make_order(cast.shop, f"414000000000000000{n}") for n in range(4)]
    for order in orders[:3]:
        make_finding(order, code="wrong_digit", loss_cents=500)
    make_finding(orders[3], code="no_pickup_24h", cause="courier")
    make_finding(orders[3], code="refund_hold", cause="hold", state="dismissed")
    make_finding(orders[3], code="late_unshipped", cause="late", first_seen_at=clock.now() - timedelta(days=40))
    found = sign_in(cast.li).get("/orders/causes/").context["found"]
    assert [(bar.code, bar.n, bar.share, bar.up_to) for bar in found.bars] == [
        ("wrong_digit", 3, 0.75, 0.75),
        ("no_pickup_24h", 1, 0.25, 1.0),
    ]
    assert (found.bars[0].loss_cents, sum(column.total for column in found.columns), len(found.columns)) == (
        1500,
        4,
        30,
    )
    assert sign_in(cast.li).get("/orders/causes/?days=90").context["found"].total == 5
    assert sign_in(cast.chen).get("/orders/causes/").context["found"].total == 0


def test_each_mark_of_the_charts_opens_the_rows_it_counts(cast: Cast, sign_in: SignIn) -> None:
    kinds = (("wrong_digit", "manual_entry", 0), ("wrong_digit", "manual_entry", 9), ("no_pickup_24h", "courier", 0))
    for n, (code, cause, days) in enumerate(kinds):
        order = make_order(cast.shop, f"414000000000000000{n}")
        make_finding(order, code=code, cause=cause, first_seen_at=clock.now() - timedelta(days=days))
    make_finding(order, code="refund_hold", cause="hold", state="dismissed")
    client = sign_in(cast.li)
    for query in ("", "?days=7"):
        counted = 0
        for chart in client.get(f"/orders/causes/{query}").context["charts"]:
            for series in chart.series:
                for value, link in zip(series.values, series.links, strict=False):
                    if value:
                        assert client.get(link).context["page"].paginator.count == value, link
                        counted += 1
        assert counted == (5 if query else 7)
    assert client.get("/orders/causes/findings/?day=0001-01-01&days=x&code=y").status_code == 200


def test_chart_names_its_axes_and_stands_in_a_table(cast: Cast, sign_in: SignIn) -> None:
    make_finding(make_order(cast.shop), code="wrong_digit", loss_cents=1234)
    page = sign_in(cast.li).get("/orders/causes/")
    pareto, days = page.context["charts"]
    assert (pareto.category, pareto.axis, pareto.second_axis) == ("问题", "预警（条）", "累计占比（%）")
    assert [(name, [text for text, _link in cells]) for name, cells in pareto.rows] == [
        ("错了一位", ["1", "100 %", "100 %", "¥12"])
    ]
    assert [one["name"] for one in days.drawn["series"]] == [str(Finding.Cause.MANUAL_ENTRY.label)]
    assert len(days.rows) == 30
    html = page.content.decode()
    assert "charts.js" in html and 'style="' not in html
    assert "charts.js" not in sign_in(cast.li).get("/orders/board/").content.decode()


def test_board_and_causes_cost_the_same_for_3_and_30(
    cast: Cast, sign_in: SignIn, statements_of: Callable[..., int]
) -> None:
    make_import(cast.shop)
    numbers = iter(range(1000))

    def add_row(n: int) -> None:
        make_finding(make_order(cast.shop, f"4140000000000000{next(numbers):03}"))

    assert statements_of(sign_in(cast.mei), "/orders/board/", add_row) <= 12
    assert statements_of(sign_in(cast.mei), "/orders/causes/", add_row) <= 8


def test_pickup_rate_counts_what_is_recorded_and_opens_the_late_ones(
    cast: Cast, sign_in: SignIn, statements_of: Callable[..., int]
) -> None:
    now = clock.now()
    numbers = iter(range(1000))

    def parcel(hours: int | None, **fields: Any) -> None:
        n = next(numbers)
        order = make_order(
            cast.shop, f"4140000000000000{n:03}", f"YT{n:013}", paid_at=now - timedelta(days=5), **fields
        )
        if hours is not None:
            at = order.paid_at + timedelta(hours=hours)
            TrackingEvent.objects.create(shop=cast.shop, number=f"YT{n:013}", at=at, status="PICKED_UP")

    for hours in (10, 47, 49, None):
        parcel(hours)
    page = sign_in(cast.mei).get("/orders/pickups/")
    rate = page.context["rate"]
    assert (rate.recorded, rate.late, rate.unrecorded) == (3, 1, 1)
    assert [w.number for w in page.context["page"]] == ["YT0000000000002"]
    assert "67 %" in page.content.decode()
    day = f"{timezone.localtime(now):%Y年%-m月%-d日}"
    assert re.search(rf"至 {day} \d\d:\d\d 付款的包裹", page.content.decode())  # today is in it, and named
    assert sign_in(cast.chen).get("/orders/pickups/").context["rate"].rate is None
    assert statements_of(sign_in(cast.mei), "/orders/pickups/", lambda _n: parcel(60)) <= 8
