"""The list of cases: given to somebody several at once, kept as a view; refunds, and what a resolution has to tell."""

import uuid
from typing import Any

import pytest
from django.test import Client

from cases.models import Case, CaseEvent
from cases.services import NotTold, assign_cases, resolve_case, set_refund_condition
from duties.models import DutyEvent
from kernel.errors import Conflict, NotAllowed, Refused
from people.actor import Actor
from people.models import SavedView
from people.saved_views import plain_query
from people.services import remove_view, save_view
from tests.cases.factories import close, make_case
from tests.cast import Cast

# --- giving several


def give(cast: Cast, *cases: Case, **more: Any) -> Any:
    by = more.pop("by", cast.wang)
    ids = [case.pk for case in cases]
    return assign_cases(case_ids=ids, to=more.get("to", cast.mei), actor=Actor.of(by))


def test_several_cases_are_given_at_once_and_again_changes_nothing(cast: Cast) -> None:
    cases = [make_case(cast) for _n in range(3)]
    assert len(give(cast, *cases).given) == 3
    told = DutyEvent.objects.count()
    assert len(give(cast, *cases).given) == 3
    assert DutyEvent.objects.count() == told
    assert {case.owner for case in Case.objects.select_related("duty__assignee")} == {cast.mei}


def test_case_that_cannot_be_given_is_named_and_stops_no_other(cast: Cast) -> None:
    closed, good = close(cast, make_case(cast)), make_case(cast)
    foreign = make_case(cast, shop=cast.other_shop, opened_by=cast.chen)
    done = give(cast, closed, good, foreign)
    assert ([c.pk for c in done.given], [c.pk for c, _why in done.left]) == ([good.pk], [closed.pk])
    left = give(cast, good, to=cast.chen).left
    assert [c.pk for c, _why in left] == [good.pk]


def test_giving_is_a_leads(cast: Cast, sign_in: Any) -> None:
    case = make_case(cast)
    assert [c.pk for c, _why in give(cast, case, by=cast.mei).left] == [case.pk]
    assert sign_in(cast.mei).post("/cases/give/", {"case": case.pk, "to": "1001"}).status_code == 403
    client: Client = sign_in(cast.wang)
    page = client.post("/cases/give/", {"case": [case.pk], "to": "陈梅"}, follow=True)
    case.refresh_from_db()
    assert case.owner == cast.mei
    assert "陈梅" in page.content.decode()
    assert "没有" in client.post("/cases/give/", {"case": [case.pk], "to": "无名"}, follow=True).content.decode()


# --- what a resolution tells


def resolve(cast: Cast, case: Case, resolution: str, **told: Any) -> CaseEvent:
    said = {"resolution": resolution, "cause": "courier", "client_id": uuid.uuid4(), **told}
    return resolve_case(case=case, actor=Actor.of(cast.mei), **said)


@pytest.mark.parametrize(
    ("resolution", "told"),
    [
        ("platform_corrected", {"waybill": "SF2"}),
        ("courier_corrected", {"confirmed_by": "圆通网点 李师傅"}),
        ("reshipped", {"waybill": "SF3"}),
        ("refunded", {"refund_yuan": "59.00", "condition_met": True}),
        ("no_fault", {"note": "面单拍糊了，单号一致"}),
    ],
)
def test_each_resolution_tells_its_own(cast: Cast, resolution: str, told: dict[str, Any]) -> None:
    case = make_case(cast)
    with pytest.raises(NotTold):
        resolve(cast, case, resolution)
    event = resolve(cast, case, resolution, **told)
    assert event.told == {name: str(value) for name, value in told.items() if name != "note"}


def test_new_waybill_joins_the_case(cast: Cast) -> None:
    case = make_case(cast, waybills=["SF1"])
    resolve(cast, case, "reshipped", waybill="SF2")
    assert [w.number for w in case.waybills.order_by("id")] == ["SF1", "SF2"]


def test_resolution_repeated_with_its_key_is_once_and_with_another_number_conflicts(cast: Cast) -> None:
    case, key = make_case(cast), uuid.uuid4()
    first = resolve(cast, case, "reshipped", waybill="SF2", client_id=key)
    assert resolve(cast, case, "reshipped", waybill="SF2", client_id=key) == first
    with pytest.raises(Conflict):
        resolve(cast, case, "reshipped", waybill="SF9", client_id=key)


def test_form_names_the_field_that_is_missing(cast: Cast, sign_in: Any) -> None:
    case = make_case(cast)
    sent = {"client_id": uuid.uuid4(), "cause": "courier", "resolution": "refunded", "refund_yuan": "10"}
    page = sign_in(cast.mei).post(f"/cases/{case.pk}/resolve/", sent)
    assert page.status_code == 422
    assert list(page.context["forms"]["resolve"].errors) == ["condition_met"]


def test_amount_of_an_unchosen_resolution_neither_blocks_nor_is_kept(cast: Cast, sign_in: Any) -> None:
    case = make_case(cast)
    sent = {
        "client_id": uuid.uuid4(),
        "cause": "courier",
        "resolution": "platform_corrected",
        "waybill": "SF1234567890123",
    }
    page = sign_in(cast.mei).post(f"/cases/{case.pk}/resolve/", {**sent, "refund_yuan": "-5", "confirmed_by": "小李"})
    assert page.status_code == 302
    assert CaseEvent.objects.get(case=case, kind="resolved").told == {"waybill": "SF1234567890123"}


# --- when the money goes back


def test_refund_condition_is_said_anew_and_the_first_word_stays(cast: Cast) -> None:
    case = make_case(cast, refund_condition="intercepted")
    who = {"case": case, "actor": Actor.of(cast.mei)}
    key = uuid.uuid4()
    for _again in range(2):
        set_refund_condition(refund_condition="returned", client_id=key, note="快递拦不住", **who)
    case.refresh_from_db()
    assert case.refund_condition == "returned"
    events = CaseEvent.objects.filter(case=case, kind="refund")
    assert [(e.told, e.note) for e in events] == [({"refund_condition": "returned"}, "快递拦不住")]
    with pytest.raises(NotAllowed):
        chen = {"actor": Actor.of(cast.chen)}
        set_refund_condition(case=case, refund_condition="none", client_id=uuid.uuid4(), **chen)


def test_list_filters_by_refund_condition(cast: Cast, sign_in: Any) -> None:
    waiting = make_case(cast, refund_condition="returned")
    make_case(cast)
    page = sign_in(cast.mei).get("/cases/?refund=returned").context["page"]
    assert [case.pk for case in page] == [waiting.pk]


# --- saved views


def keep(cast: Cast, name: str = "我的", query: str = "owner=me", **more: Any) -> SavedView:
    by = more.pop("by", cast.mei)
    return save_view(page="cases:case_list", name=name, query=query, actor=Actor.of(by), **more)


def test_view_is_ones_own_until_a_lead_shares_it(cast: Cast, sign_in: Any) -> None:
    keep(cast)
    keep(cast, "超时", "overdue=on", by=cast.wang, site=cast.site)
    with pytest.raises(NotAllowed):
        keep(cast, "超时", by=cast.mei, site=cast.site)

    def seen(who: Any) -> list[str]:
        return [view.name for view in sign_in(who).get("/cases/").context["views"].rows]

    assert seen(cast.mei) == ["我的", "超时"]
    assert seen(cast.wang) == ["超时"]
    assert seen(cast.chen) == []


def test_same_name_replaces_and_twenty_are_enough(cast: Cast) -> None:
    keep(cast, query="owner=me")
    keep(cast, query="owner=nobody")
    assert [view.query for view in SavedView.objects.all()] == ["owner=nobody"]
    for n in range(19):
        keep(cast, f"视图{n}")
    with pytest.raises(Refused):
        keep(cast, "第二十一")


def test_view_is_removed_by_its_owner_alone(cast: Cast) -> None:
    view = keep(cast)
    with pytest.raises(NotAllowed):
        remove_view(view=view, actor=Actor.of(cast.wang))
    remove_view(view=view, actor=Actor.of(cast.mei))
    assert not SavedView.objects.exists()


def test_page_marks_the_view_that_it_shows(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.mei)
    sent = {"page": "cases:case_list", "query": "status=all&page=2&q=", "name": "全部"}
    page = client.post("/views/", sent, follow=True)
    assert page.redirect_chain[-1][0] == "/cases/?status=all"
    assert page.context["views"].current.name == "全部"
    assert client.get("/cases/?status=all&page=3").context["views"].current.name == "全部"


@pytest.mark.parametrize("page", ["cases:nowhere", "people:sign_out", "duties:today", "cases:case_detail"])
def test_view_is_kept_of_a_list_and_of_nothing_else(cast: Cast, sign_in: Any, page: str) -> None:
    sent = {"page": page, "query": "status=all", "name": "全部"}
    assert sign_in(cast.mei).post("/views/", sent).status_code == 422
    with pytest.raises(Refused):
        save_view(page=page, name="全部", query="status=all", actor=Actor.of(cast.mei))
    assert not SavedView.objects.exists()


def test_query_is_kept_without_page_number_and_in_one_order() -> None:
    assert plain_query("b=2&page=3&a=1&c=") == "a=1&b=2"
