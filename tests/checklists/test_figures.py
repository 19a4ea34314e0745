"""Items that are answered by live figures: what they rest on, and what their failure is about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases.models import Case
from checklists.details import Details
from checklists.models import Run, Schedule
from checklists.services import Answered, open_due_runs, publish_checklist
from kernel import clock
from people.models import Shop
from tests.cast import Cast
from tests.checklists.conftest import make_content, two
from tests.orders.factories import make_finding, make_order

Give = Callable[..., Answered]


def figure_run(figure: str, **fields: Any) -> Run:
    """A run whose only item is this figure, at most 0; its failure may open a case."""
    item = {"slug": "count", "kind": "figure", "figure": figure, "most": 0, "title": two("数字", "Figure"), **fields}
    publish_checklist(slug="morning", content=make_content(items=[item]))
    open_due_runs(clock.now())
    return Run.objects.loaded().get()


def late(shop: Shop, n: int, hours: int = 2) -> None:
    """An order of the shop whose deadline passes so many hours from now."""
    due = clock.now() + timedelta(hours=hours)
    order = make_order(shop, f"41400000000000{n:05}", ship_by=due)
    make_finding(order, code="due_within_12h", cause="due", waybill="", due_at=due, evidence={})


def failed(cast: Cast, run: Run, answer: Give) -> Case:
    details = Details(note="来不及", with_case=True)
    case = answer(run, "count", cast.mei, "fail", details=details).answer.case
    assert case is not None
    return case


def test_case_of_a_failed_figure_names_the_orders_and_findings_behind_it_and_their_deadline(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    for n in range(3):
        late(cast.shop, n, hours=5 - n)
    late(cast.other_shop, 9, hours=1)
    case = failed(cast, figure_run("unshipped_due_12h", case="unshipped"), answer)
    assert [o.number[-1] for o in case.orders.order_by("number")] == ["0", "1", "2"]
    assert case.findings.count() == 3
    assert case.due_at == clock.now() + timedelta(hours=3)


def test_case_of_a_long_list_names_the_soonest_and_tells_how_many_there_were(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    for n in range(60):
        late(cast.shop, n)
    case = failed(cast, figure_run("unshipped_due_12h", case="unshipped"), answer)
    assert (case.orders.count(), case.figure, case.figure_count) == (50, "unshipped_due_12h", 60)
