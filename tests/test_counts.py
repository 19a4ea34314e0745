"""Every number that counts rows opens exactly those rows: over several shops, for several viewers, with filters."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from checklists.live import figure_of
from checklists.models import Run
from kernel import clock
from orders.models import Finding, TrackingEvent
from orders.selectors import FIGURES, figure_findings, figures
from orders.selectors.board import CODES as TAB_CODES
from orders.selectors.board import TAB_OF
from orders.selectors.figures import CODES
from orders.services.reconciling import reconcile_orders
from people.models import Employee, Membership, Shop
from tests.cast import SINCE, Cast, make_employee
from tests.checklists.conftest import published, start_by_hand, two
from tests.orders.factories import make_finding, make_import, make_order

SignIn = Callable[[Employee], Client]
WHO = ("mei", "wang", "li", "zhao", "sun", "chen", "keeper")
STATES = ("open", "in_case", "dismissed", "cleared")


@pytest.fixture
def people(cast: Cast) -> dict[str, Employee]:
    """The cast, and who works for one shop of the site alone."""
    keeper = make_employee("7001", "店长")
    Membership.objects.create(employee=keeper, role="manager", shop=cast.shop, starts_on=SINCE)
    return {**{name: getattr(cast, name) for name in WHO[:-1]}, "keeper": keeper}


@pytest.fixture
def shops(cast: Cast) -> list[Shop]:
    """Two shops of the site, one of another; each with findings of every kind and state, parcels and gaps."""
    second = Shop.objects.create(code="second", name="山野童装店", site=cast.site)
    shops, now = [cast.shop, second, cast.other_shop], clock.now()
    for s, shop in enumerate(shops):
        make_import(shop, kinds=["orders", "labels", "tracking"])
        for i, code in enumerate(Finding.Code.values):
            for j, state in enumerate(STATES[: 1 + (i + s) % 4]):
                seen = now - timedelta(days=(i * 7 + j) % 40)
                order = make_order(shop, f"4140{s:02}{i:05}{j:08}", status="shipped")
                cause = Finding.Cause.values[(i + j) % len(Finding.Cause.values)]
                fields = {"state": state, "cause": cause, "first_seen_at": seen, "loss_cents": 100}
                make_finding(order, code=code, waybill=f"SF{s}{i:04}{j:08}", **fields)
        for n in range(3 + s):
            paid = now - timedelta(days=3)
            order = make_order(shop, f"4190{s:02}{n:013}", status="shipped", paid_at=paid, shipped_at=paid)
            order.waybills.create(number=f"YT{s}{n:012}", courier=["yto", "sf"][n % 2], seen_at=paid)
            if n:
                at = paid + timedelta(hours=[20, 60][n % 2])
                TrackingEvent.objects.create(shop=shop, number=f"YT{s}{n:012}", at=at, status="PICKED_UP")
        parcels = shop.orders.filter(number__startswith="4190").values_list("pk", flat=True)
        reconcile_orders(shop_id=shop.pk, order_ids=list(parcels))
    return shops


def rows_of(client: Client, url: str) -> set[int]:
    """The ids of all rows that a list shows, page by page."""
    found: set[int] = set()
    for number in range(1, 20):
        response = client.get(url + ("&" if "?" in url else "?") + f"page={number}")
        assert response.status_code == 200
        page = response.context["page"]
        found |= {getattr(row, "finding", row).pk for row in page.object_list}
        if not page.has_next():
            return found
    raise AssertionError("this list does not end")


def choices(shops: list[Shop]) -> Iterator[list[Shop]]:
    yield from ([], shops[:1], shops[1:2], shops[:2])


@pytest.mark.parametrize("who", WHO)
def test_figure_counts_the_rows_that_it_opens(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, who: str
) -> None:
    client = sign_in(people[who])
    for shown in client.get(reverse("orders:figure_list")).context["figures"]:
        assert len(rows_of(client, shown.url)) == (shown.value or 0), shown.key
        if shown.uncovered:
            assert len(rows_of(client, shown.unchecked_url)) == shown.uncovered


@pytest.mark.parametrize("key", list(FIGURES))
def test_figure_of_some_shops_opens_their_rows_and_no_others(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, key: str
) -> None:
    client = sign_in(people["wang"])
    for chosen in ([shops[0]], [shops[1]], shops[:2]):
        (shown,) = figures([key], shop_ids=[shop.pk for shop in chosen], at=clock.now())
        wanted = set(figure_findings(key, [shop.pk for shop in chosen]).values_list("pk", flat=True))
        assert rows_of(client, shown.url) == wanted
        assert shown.value == len(wanted)


@pytest.mark.parametrize("of_a_shop", [True, False])
def test_figure_of_an_item_opens_the_rows_of_its_run(
    cast: Cast, people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, of_a_shop: bool
) -> None:
    item = {"slug": "all", "kind": "figure", "figure": "findings_open", "most": 0, "title": two("预警", "Alerts")}
    run = start_by_hand(cast, published(items=[item]), shop=shops[1] if of_a_shop else None)
    shown = figure_of(run=Run.objects.get(pk=run.pk), item=run.version.items.get(), at=clock.now())
    mine = shops[1:2] if of_a_shop else shops[:2]
    wanted = set(Finding.objects.standing().filter(shop__in=mine).values_list("pk", flat=True))
    assert (shown.value, rows_of(sign_in(cast.wang), shown.url)) == (len(wanted), wanted)


def test_list_of_a_shop_that_the_viewer_does_not_see_is_not_found(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn
) -> None:
    url = reverse("orders:figure_rows", args=["findings_open"])
    assert sign_in(people["keeper"]).get(f"{url}?shop={shops[0].pk}&shop={shops[1].pk}").status_code == 404
    assert sign_in(people["mei"]).get(f"{url}?shop={shops[2].pk}").status_code == 404
    assert sign_in(people["mei"]).get(f"{url}?shop=x").status_code == 404


@pytest.mark.parametrize("who", ["mei", "zhao", "keeper", "chen"])
@pytest.mark.parametrize("wish", ["", "state=in_case", "state=dismissed", "cause=courier", "courier=sf", "q=4140"])
def test_tab_of_the_board_counts_the_rows_that_it_opens(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, who: str, wish: str
) -> None:
    client, url = sign_in(people[who]), reverse("orders:board")
    for chosen in ("", f"&shop={shops[0].pk}"):
        page = client.get(f"{url}?{wish}{chosen}")
        for tab, n in page.context["tabs"]:
            assert len(rows_of(client, f"{url}?{wish}{chosen}&tab={tab.key}")) == n, tab.key


def test_every_kind_of_finding_has_a_tab_and_a_figure_that_counts_it() -> None:
    assert set(TAB_OF) == set(Finding.Code.values) == set(CODES["findings_open"])
    assert sum(len(codes) for codes in TAB_CODES.values()) == len(Finding.Code.values)


@pytest.mark.parametrize("who", ["wang", "li", "zhao", "keeper"])
def test_what_is_not_checked_is_counted_as_it_is_listed(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, who: str
) -> None:
    client, url = sign_in(people[who]), reverse("orders:unchecked_list")
    for query in ("", f"?shop={shops[0].pk}", "?figure=no_pickup_24h", "?tab=mismatch", "?tab=stalled"):
        found = client.get(url + query).context["found"]
        assert len(rows_of(client, url + query)) == found.orders
        for part in found.missing:
            side = f"{part.side.kind}:{part.side.courier}"
            assert len(rows_of(client, f"{url}{query or '?'}&side={side}")) == part.orders
    board = client.get(reverse("orders:board") + "?tab=pickup")
    query = board.context["unchecked_query"]
    assert len(rows_of(client, url + query)) == board.context["covered"].unchecked.orders


@pytest.mark.parametrize("who", ["mei", "zhao", "keeper", "chen"])
@pytest.mark.parametrize("days", ["", "7"])
def test_charts_of_causes_count_the_rows_that_a_mark_opens(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, who: str, days: str
) -> None:
    client, rows = sign_in(people[who]), reverse("orders:causes_rows")
    for chosen in (f"days={days}", f"days={days}&shop={shops[0].pk}"):
        found = client.get(f"{reverse('orders:causes')}?{chosen}").context["found"]
        assert len(rows_of(client, f"{rows}?{chosen}")) == found.total
        for bar in found.bars[:4]:
            assert len(rows_of(client, f"{rows}?{chosen}&code={bar.code}")) == bar.n
        for column in [column for column in found.columns if column.total][:3]:
            assert len(rows_of(client, f"{rows}?{chosen}&day={column.day}")) == column.total
            for cause, n in zip(Finding.Cause.values, column.counts, strict=True):
                assert len(rows_of(client, f"{rows}?{chosen}&day={column.day}&cause={cause}")) == n


@pytest.mark.parametrize("who", ["mei", "zhao", "keeper", "chen"])
def test_pickup_rate_counts_the_parcels_that_it_opens(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, who: str
) -> None:
    client, url = sign_in(people[who]), reverse("orders:pickups")
    for query in ("?", f"?shop={shops[0].pk}"):
        rate = client.get(url + query).context["rate"]
        for which in ("late", "recorded", "unrecorded"):
            assert len(rows_of(client, f"{url}{query}&which={which}")) == getattr(rate, which)


@pytest.mark.parametrize("who", ["li", "keeper", "sun"])
def test_findings_of_an_import_are_those_of_the_list_that_it_opens(
    people: dict[str, Employee], shops: list[Shop], sign_in: SignIn, who: str
) -> None:
    client = sign_in(people[who])
    batch = make_import(shops[0], shop_names={shops[0].name: shops[0].pk, shops[1].name: shops[1].pk, "?": None})
    told = client.get(reverse("orders:import_detail", args=[batch.pk])).context["progress"]
    assert len(rows_of(client, told.url)) == told.findings
    assert len(rows_of(client, told.unchecked_url)) == told.unchecked.orders
