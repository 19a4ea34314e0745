"""Cases: opening once, working, closing with a cause, reopening with history."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from cases import services
from cases.models import Case, CaseEvent, ContactLog
from cases.services import open_cases
from duties.models import Duty
from duties.ticking import escalate_duties, escalate_further
from kernel import clock
from kernel.errors import Conflict, NotAllowed, Refused
from notifications.models import Notice
from orders.models import Finding
from people.actor import Actor
from records.models import Fact, LedgerEntry
from records.selectors import verify_chain
from tests.cast import Cast, make_cast
from tests.orders.factories import make_finding, make_order
from tests.threads import at_once

from .factories import make_case


def test_case_gets_number_duty_event_and_seal(cast: Cast) -> None:
    case = make_case(cast, orders=["A1", "A1 "], waybills=["SF1"], owner=cast.wang)
    assert case.number == f"C-{clock.now().year}-000001"
    assert [o.number for o in case.orders.all()] == ["A1"]
    assert case.owner == cast.wang and case.duty.due_at == case.due_at
    assert [e.kind for e in case.events.all()] == ["opened"]
    assert LedgerEntry.objects.get(kind="case.opened").chain_id == f"shop:{cast.shop.pk}"


def test_case_without_owner_may_be_claimed_at_its_site(cast: Cast) -> None:
    duty = make_case(cast).duty
    assert duty.is_claimable and duty.assignee is None and duty.site == cast.site


def test_same_key_opens_one_case(cast: Cast) -> None:
    assert make_case(cast, key="k") == make_case(cast, key="k")
    assert Case.objects.count() == 1 and Duty.objects.count() == 1


def test_same_key_with_other_content_is_a_conflict(cast: Cast) -> None:
    make_case(cast, key="k", waybills=["SF1"])
    with pytest.raises(Conflict):
        make_case(cast, key="k", waybills=["SF2"])


def test_unknown_kind_of_an_authored_checklist_is_kept_as_other(cast: Cast) -> None:
    assert make_case(cast, kind="nonsense").kind == Case.Kind.OTHER


def test_unknown_source_is_a_mistake_of_the_caller(cast: Cast) -> None:
    with pytest.raises(ValueError):
        make_case(cast, source="nonsense")


def test_taking_a_case_makes_it_ones_own_duty(cast: Cast) -> None:
    case = services.take_case(case=make_case(cast), actor=Actor.of(cast.mei))
    services.take_case(case=case, actor=Actor.of(cast.mei))
    assert Duty.objects.get().assignee == cast.mei
    assert case.events.filter(kind="assigned").count() == 1


def test_employee_cannot_take_a_case_from_another(cast: Cast) -> None:
    with pytest.raises(Conflict, match="王建国"):
        services.take_case(case=make_case(cast, owner=cast.wang), actor=Actor.of(cast.mei))


def test_employee_cannot_give_cases_to_others(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        services.assign_case(case=make_case(cast), to=cast.wang, actor=Actor.of(cast.mei))


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_auditor_and_stranger_change_nothing(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    with pytest.raises(NotAllowed):
        services.add_note(case=make_case(cast), actor=Actor.of(person), note="x", client_id=uuid.uuid4())
    assert not CaseEvent.objects.filter(kind="note").exists()


def test_same_note_twice_is_one_note(cast: Cast) -> None:
    case, key = make_case(cast), uuid.uuid4()
    for _ in range(2):
        services.add_note(case=case, actor=Actor.of(cast.mei), note="called", client_id=key)
    with pytest.raises(Conflict):
        services.add_note(case=case, actor=Actor.of(cast.mei), note="other", client_id=key)
    assert case.events.filter(kind="note").count() == 1


def test_waiting_status_is_kept_on_the_timeline(cast: Cast) -> None:
    case = make_case(cast)
    services.set_status(case=case, status="wait_courier", actor=Actor.of(cast.mei), client_id=uuid.uuid4())
    assert Case.objects.get().status == "wait_courier"
    assert case.events.last().status == "wait_courier"


def test_status_form_cannot_close(cast: Cast) -> None:
    with pytest.raises(Refused):
        services.set_status(case=make_case(cast), status="closed", actor=Actor.of(cast.wang), client_id=uuid.uuid4())


def resolve(cast: Cast, case: Case, key: uuid.UUID | None = None) -> CaseEvent:
    return services.resolve_case(
        case=case,
        resolution="reshipped",
        cause="courier",
        actor=Actor.of(cast.mei),
        client_id=key or uuid.uuid4(),
        note="补发 SF2",
        waybill="SF2",
    )


def close(cast: Cast, case: Case, key: uuid.UUID | None = None, **more: str) -> CaseEvent:
    return services.close_case(case=case, actor=Actor.of(cast.wang), client_id=key or uuid.uuid4(), **more)


def test_closing_without_cause_is_refused(cast: Cast) -> None:
    case = make_case(cast)
    with pytest.raises(services.NotSettled):
        close(cast, case, resolution="no_fault")
    assert Case.objects.get().status == "open" and not case.duty.is_settled


def test_resolving_settles_the_duty_and_closing_seals(cast: Cast) -> None:
    case = make_case(cast, owner=cast.mei)
    resolve(cast, case)
    assert Duty.objects.get().outcome == "resolved"
    close(cast, case)
    case.refresh_from_db()
    assert (case.status, case.cause, case.resolution) == ("closed", "courier", "reshipped")
    assert Fact.objects.get().kind == "case.closed"
    assert verify_chain(f"shop:{cast.shop.pk}").is_sound
    assert list(LedgerEntry.objects.order_by("seq").values_list("kind", flat=True)) == [
        "case.opened",
        "case.resolved",
        "case.closed",
    ]


def test_closing_twice_with_one_key_is_one_closing(cast: Cast) -> None:
    case, key = make_case(cast), uuid.uuid4()
    first = close(cast, case, key, cause="late", resolution="refunded")
    assert close(cast, case, key, cause="late", resolution="refunded") == first
    with pytest.raises(services.CaseClosed):
        close(cast, case, cause="late", resolution="refunded")


def test_employee_cannot_close(cast: Cast) -> None:
    case = make_case(cast)
    resolve(cast, case)
    with pytest.raises(NotAllowed):
        services.close_case(case=case, actor=Actor.of(cast.mei), client_id=uuid.uuid4())


def test_reopened_case_is_owed_again_and_keeps_its_history(cast: Cast) -> None:
    with time_machine.travel("2026-11-20T02:00:00Z", tick=False):
        case = make_case(cast, owner=cast.mei)
        resolve(cast, case)
        close(cast, case)
    with time_machine.travel("2026-11-23T02:00:00Z", tick=False):
        services.reopen_case(case=case, actor=Actor.of(cast.wang), client_id=uuid.uuid4(), note="buyer wrote again")
        case = Case.objects.get()
        assert case.status == "open" and case.resolution == "" and case.due_at > clock.now()
        assert not case.duty.is_settled and case.duty.wanted_at == case.due_at > case.duty.due_at
    assert [e.kind for e in case.events.all()] == ["opened", "resolved", "closed", "reopened"]
    assert case.events.get(kind="closed").resolution == "reshipped"


def contact(cast: Cast, case: Case, key: uuid.UUID | None = None, **more: object) -> ContactLog:
    words = {"whom": "courier", "channel": "phone", "said": "站点说今晚补录", "promised": "今晚 20 点前"}
    return services.log_contact(case=case, actor=Actor.of(cast.mei), client_id=key or uuid.uuid4(), **{**words, **more})


def test_promise_becomes_a_follow_up_of_the_owner(cast: Cast) -> None:
    case, at = make_case(cast, owner=cast.wang), clock.now() + timedelta(hours=3)
    duty = contact(cast, case, follow_up_at=at).duty
    assert (duty.kind, duty.assignee, duty.due_at) == ("follow_up", cast.wang, at)


def test_same_contact_twice_is_one_contact_and_one_duty(cast: Cast) -> None:
    case, key, at = make_case(cast), uuid.uuid4(), clock.now() + timedelta(hours=3)
    assert contact(cast, case, key, follow_up_at=at) == contact(cast, case, key, follow_up_at=at)
    with pytest.raises(Conflict):
        contact(cast, case, key, said="something else", follow_up_at=at)
    assert Duty.objects.filter(kind="follow_up").count() == 1


def test_follow_up_in_the_past_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        contact(cast, make_case(cast), follow_up_at=clock.now() - timedelta(minutes=1))


def test_follow_up_is_completed_once(cast: Cast) -> None:
    case, key = make_case(cast, owner=cast.mei), uuid.uuid4()
    logged = contact(cast, case, follow_up_at=clock.now() + timedelta(hours=1))
    for _ in range(2):
        services.complete_follow_up(contact=logged, actor=Actor.of(cast.mei), client_id=key, note="corrected")
    assert case.events.filter(kind="followed_up").count() == 1
    with pytest.raises(Conflict):
        services.complete_follow_up(contact=logged, actor=Actor.of(cast.wang), client_id=uuid.uuid4(), note="me too")


def test_resolving_lets_the_follow_ups_go(cast: Cast) -> None:
    case = make_case(cast, owner=cast.mei)
    contact(cast, case, follow_up_at=clock.now() + timedelta(hours=1))
    resolve(cast, case)
    assert not Duty.objects.unsettled().exists()


# --- two at once


@pytest.mark.django_db(transaction=True)
def test_two_who_open_at_once_get_numbers_of_their_own() -> None:
    cast = make_cast()
    made = at_once(*[lambda n=n: make_case(cast, key=f"k{n}") for n in range(4)])
    assert sorted(c.number[-6:] for c in made) == ["000001", "000002", "000003", "000004"]


@pytest.mark.django_db(transaction=True)
def test_one_key_at_once_opens_one_case() -> None:
    cast = make_cast()
    made = at_once(*[lambda: make_case(cast, key="same")] * 3)
    assert len({c.pk for c in made}) == 1 and Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once() -> None:
    cast = make_cast()
    case = make_case(cast)
    results = at_once(*[lambda: close(cast, case, cause="late", resolution="refunded")] * 2)
    assert sum(isinstance(r, CaseEvent) for r in results) == 1
    assert sum(isinstance(r, services.CaseClosed) for r in results) == 1
    assert verify_chain(f"shop:{cast.shop.pk}").is_sound


def test_chosen_findings_make_one_case_a_courier_and_cause(cast: Cast) -> None:
    orders = [make_order(cast.shop, f"414000000000000000{n}") for n in range(4)]
    label = {"warehouse": {"waybill": "YT1", "courier": "yto"}}
    made = [
        make_finding(orders[0], code="no_pickup_24h", cause="courier", evidence=label),
        make_finding(orders[1], code="tracking_stalled", cause="courier", evidence=label, waybill="YT2"),
        make_finding(orders[2], code="no_pickup_24h", cause="courier", evidence={"platform": {"courier": "zto"}}),
        make_finding(orders[3], code="refund_hold", cause="hold", evidence={}, waybill=""),
    ]
    key = uuid.uuid4()
    wanted = {"finding_ids": [f.pk for f in made], "actor": Actor.of(cast.mei), "client_id": key}
    opened = open_cases(**wanted)
    assert [(c.cause, c.orders.count()) for c in opened] == [("hold", 1), ("courier", 2), ("courier", 1)]
    assert {f.state for f in Finding.objects.all()} == {"in_case"}
    assert [c.pk for c in open_cases(**wanted)] == [c.pk for c in opened]
    assert open_cases(**{**wanted, "client_id": uuid.uuid4()}) == []


def test_findings_of_another_shop_open_no_case(cast: Cast) -> None:
    finding = make_finding(make_order(cast.shop))
    assert open_cases(finding_ids=[finding.pk], actor=Actor.of(cast.chen), client_id=uuid.uuid4()) == []
    assert Finding.objects.get().state == "open"


@pytest.mark.parametrize("taken", [True, False])
def test_overdue_case_is_told_to_the_lead_then_to_the_manager_once(cast: Cast, taken: bool) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        case = make_case(cast, owner=cast.mei if taken else None)
        traveller.move_to(case.due_at + timedelta(hours=2))
        for _ in range(2):
            escalate_duties(clock.now())
            escalate_further(clock.now())
        assert [n.recipient for n in Notice.objects.order_by("id")] == [cast.wang]
        traveller.shift(timedelta(hours=3))
        for _ in range(2):
            escalate_duties(clock.now())
            escalate_further(clock.now())
        assert [n.recipient for n in Notice.objects.order_by("id")] == [cast.wang, cast.li]
    assert "超时 4 小时" in Notice.objects.last().title["zh"]
