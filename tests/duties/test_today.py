"""Today: what is owed, soonest first, in one query."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from duties.models import Duty, DutyEvent
from duties.services import complete_duty, reopen_duty
from duties.ticking import spare_absent
from people.actor import Actor
from people.models import CheckIn, Roster
from tests.cast import Cast
from tests.duties.drafts import owe

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def titles(rows) -> list[str]:
    return [row.title["en"] for row in rows]


def test_soonest_of_the_shift_is_the_large_card(cast: Cast, sign_in) -> None:
    owe(cast, "late", due_at=NOON - timedelta(days=2))
    owe(cast, "soon", due_at=NOON + timedelta(minutes=25))
    owe(cast, "then", due_at=NOON + timedelta(hours=3))
    owe(cast, "later", due_at=NOON + timedelta(days=3))
    today = sign_in(cast.mei).get("/").context["today"]
    assert today.first.title["en"] == "Check soon"
    assert (titles(today.overdue), titles(today.shift), titles(today.later)) == (
        ["Check late"], ["Check then"], ["Check later"],
    )  # fmt: skip


def test_nothing_owed_says_so(cast: Cast, sign_in) -> None:
    answer = sign_in(cast.mei).get("/")
    assert answer.context["today"].is_empty
    assert "duties/_nothing.html" in [t.name for t in answer.templates]


def test_what_is_not_open_yet_and_what_is_settled_does_not_show(cast: Cast, sign_in) -> None:
    owe(cast, "tomorrow", opens_at=NOON + timedelta(hours=1))
    type(owe(cast, "done")).objects.filter(key="done").update(completed_at=NOON)
    assert sign_in(cast.mei).get("/").context["today"].is_empty


@pytest.mark.parametrize("count", [3, 30])
def test_today_takes_few_statements_however_much_is_owed(cast: Cast, sign_in, statements, count: int) -> None:
    for n in range(count):
        owe(cast, f"n{n}", shift=cast.day_shift, shop=cast.shop, due_at=NOON + timedelta(minutes=n))
    Roster.objects.create(employee=cast.mei, day=DAY, shift=cast.day_shift)
    client = sign_in(cast.mei)
    with statements() as spent:
        assert client.get("/").status_code == 200
    assert spent() == 7  # session, employee, memberships, roster, duties, parcels to take out, rules to acknowledge


def test_today_without_a_roster_offers_the_shift_that_runs(cast: Cast, sign_in, statements) -> None:
    client = sign_in(cast.mei)
    with statements() as spent:
        answer = client.get("/")
    assert [s.name for s in answer.context["now"].choices] == ["白班"]
    assert spent() <= 9


def test_check_in_says_i_am_here_once(cast: Cast, sign_in) -> None:
    client = sign_in(cast.mei)
    for _ in range(2):
        assert client.post("/check-in/", {"shift": cast.day_shift.pk}).status_code == 302
    assert CheckIn.objects.count() == 1
    assert client.get("/").context["now"].shift == cast.day_shift


def test_check_in_for_a_shift_that_does_not_run_is_refused(cast: Cast, sign_in) -> None:
    assert sign_in(cast.mei).post("/check-in/", {"shift": cast.night_shift.pk}).status_code == 422
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("chen", 404), ("zhao", 403)])
def test_check_in_elsewhere_or_as_auditor_is_refused(cast: Cast, sign_in, who: str, status: int) -> None:
    answer = sign_in(getattr(cast, who)).post("/check-in/", {"shift": cast.day_shift.pk})
    assert answer.status_code == status


def test_night_shift_of_yesterday_is_still_mine_after_midnight(cast: Cast, sign_in, at_noon) -> None:
    Roster.objects.create(employee=cast.mei, day=DAY, shift=cast.night_shift)
    at_noon.move_to(datetime(2026, 11, 23, 17, 30, tzinfo=UTC))  # 01:30 of the 24th in Shanghai
    assert sign_in(cast.mei).get("/").context["now"].shift == cast.night_shift


def test_nothing_falls_due_on_leave(cast: Cast, sign_in) -> None:
    owe(cast, "soon", kind=Duty.Kind.MODULE, due_at=NOON + timedelta(minutes=30))
    Roster.objects.create(employee=cast.mei, day=DAY, is_leave=True)
    spare_absent(NOON)
    page = sign_in(cast.mei).get("/")
    today = page.context["today"]
    assert (today.overdue, today.shift) == ([], [])
    assert not today.first.is_overdue
    assert page.content.decode().count("11月24日 12:30") == 1


def test_leave_told_afterwards_hides_nothing_that_is_overdue(cast: Cast, sign_in) -> None:
    owe(cast, "late", kind=Duty.Kind.MODULE, due_at=NOON - timedelta(hours=2))
    Roster.objects.create(employee=cast.mei, day=DAY, is_leave=True)
    spare_absent(NOON)
    page = sign_in(cast.mei).get("/")
    assert page.context["today"].first.is_overdue
    assert "超时 2 小时" in page.content.decode()


def test_work_sent_back_after_its_first_deadline_says_that_it_is_late(cast: Cast, sign_in) -> None:
    for key, hours in (("late", -1), ("early", 1)):
        duty = owe(cast, key, due_at=NOON + timedelta(hours=hours))
        complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON - timedelta(hours=2))
        reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + timedelta(hours=4))
    today = sign_in(cast.mei).get("/").context["today"]
    why = {row.title["en"]: row.why for row in (today.first, *today.shift, *today.later)}
    assert why == {"Check late": "被退回，要重做；已过原定的 11:00", "Check early": "被退回，要重做"}


def test_long_later_is_folded_and_unfolds(cast: Cast, sign_in) -> None:
    for n in range(25):
        owe(cast, f"n{n}", due_at=NOON + timedelta(days=2, minutes=n))
    client = sign_in(cast.mei)
    folded = client.get("/").context["today"]
    assert (len(folded.later), folded.later_hidden) == (20, 4)
    assert len(client.get("/?all=1").context["today"].later) == 24


def test_anyone_of_the_shift_may_claim(cast: Cast, sign_in) -> None:
    duty = owe(cast, "open", assignee=cast.wang, is_claimable=True, shift=cast.day_shift)
    client = sign_in(cast.mei)
    assert not client.get("/").context["today"].first.is_mine
    for _ in range(2):
        assert client.post(f"/duties/{duty.pk}/claim/").status_code == 302
    duty.refresh_from_db()
    assert (duty.assignee, duty.is_claimable) == (cast.mei, False)
    assert DutyEvent.objects.filter(duty=duty, kind="claimed").count() == 1


def test_second_claim_is_told_that_somebody_was_quicker(cast: Cast, sign_in) -> None:
    duty = owe(cast, "open", assignee=cast.wang, is_claimable=True)
    sign_in(cast.mei).post(f"/duties/{duty.pk}/claim/")
    assert sign_in(cast.li).post(f"/duties/{duty.pk}/claim/").status_code == 409


@pytest.mark.parametrize(("who", "status"), [("chen", 404), ("zhao", 403)])
def test_claim_from_elsewhere_or_by_an_auditor_is_refused(cast: Cast, sign_in, who: str, status: int) -> None:
    duty = owe(cast, "open", assignee=cast.wang, is_claimable=True)
    assert sign_in(getattr(cast, who)).post(f"/duties/{duty.pk}/claim/").status_code == status


def test_claimable_of_another_shift_does_not_bother_this_one(cast: Cast, sign_in) -> None:
    owe(cast, "night", assignee=cast.wang, is_claimable=True, shift=cast.night_shift)
    Roster.objects.create(employee=cast.mei, day=DAY, shift=cast.day_shift)
    assert sign_in(cast.mei).get("/").context["today"].is_empty


@pytest.mark.parametrize("kind", Duty.Kind.values)
def test_every_kind_of_work_says_why_it_is_mine(cast: Cast, sign_in, kind: str) -> None:
    owe(cast, "k", kind=kind)
    assert sign_in(cast.mei).get("/").context["today"].first.why
