"""The pages: one item at a time, with and without script, within the statement budgets, for those in scope."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from checklists.bulk import record_runs
from checklists.details import Details
from checklists.models import Answer, Correction, Run, Schedule, ShiftPass
from checklists.services import Answered, open_due_runs, publish_checklist, review_run, submit_run
from duties.services import waive_duty
from kernel import clock
from people.actor import Actor
from people.models import Employee
from records.models import Evidence
from tests.cast import Cast
from tests.checklists.conftest import make_content, two
from tests.checklists.test_bulk import make_rows

SignIn = Callable[[Employee], Client]
Give = Callable[..., Answered]


def work(run: Run, item: str = "") -> str:
    return reverse("checklists:run_work", args=[run.pk]) + (f"?item={item}" if item else "")


def post(client: Client, run: Run, slug: str, value: str = "pass", htmx: bool = False, **data: Any) -> Any:
    item = run.version.items.get(slug=slug)
    data = {"client_id": uuid.uuid4(), "value": value, "answered_at": "", **data}
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse("checklists:item_answer", args=[run.pk, item.pk]), data, headers=headers)


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> SimpleUploadedFile:
    written = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", size, "white").save(written, kind, exif=exif)
    return SimpleUploadedFile("label.jpg", written.getvalue(), "image/jpeg")


def test_runner_opens_at_the_first_open_item(cast: Cast, run: Run, answer: Give, sign_in: SignIn) -> None:
    answer(run, "printer", cast.mei)
    page = sign_in(cast.mei).get(work(run)).content.decode()
    assert "面单卷数" in page
    assert "1 / 4" in page


def test_answer_without_script_goes_on_to_the_next_item(cast: Cast, run: Run, sign_in: SignIn) -> None:
    response = post(sign_in(cast.mei), run, "printer")
    following = run.version.items.get(slug="rolls")
    assert response.url == work(run, str(following.pk))


def test_answer_by_fragment_brings_the_next_item_and_the_progress(cast: Cast, run: Run, sign_in: SignIn) -> None:
    response = post(sign_in(cast.mei), run, "printer", htmx=True)
    page = response.content.decode()
    assert page.lstrip().startswith('<div id="item"')
    assert "面单卷数" in page and 'hx-swap-oob="true"' in page


def test_last_answer_leads_to_what_is_missing(cast: Cast, run: Run, sign_in: SignIn) -> None:
    client = sign_in(cast.mei)
    assert post(client, run, "note", "na", note="今天没有").url == work(run, "end")
    assert "3" in client.get(work(run, "end")).content.decode()


def test_refused_answer_comes_back_with_what_was_entered(cast: Cast, run: Run, sign_in: SignIn) -> None:
    response = post(sign_in(cast.mei), run, "rolls", number="2", note="只剩两卷")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="2"' in page and "只剩两卷" in page


def test_lead_is_not_offered_the_other_sides_signature(
    cast: Cast, schedule: Schedule, answer: Give, sign_in: SignIn
) -> None:
    sides = (("out", "outgoing"), ("in", "incoming"))
    items = [{"slug": slug, "kind": "signature", "signer": side, "title": two(side, side)} for slug, side in sides]
    publish_checklist(
        slug="morning", content=make_content(handover=True, review=False, items=items), actor=Actor.system("command")
    )
    open_due_runs(clock.now())
    run = Run.objects.get()
    answer(run, "out", cast.wang)
    incoming = work(run, str(run.version.items.get(slug="in").pk))
    page = sign_in(cast.wang).get(incoming).content.decode()
    assert "由另一位班组长签" in page
    assert "名义签字" not in page and 'value="pass"' not in page
    page = sign_in(cast.li).get(incoming).content.decode()
    assert "名义签字" in page and 'value="pass"' in page


def test_number_that_is_none_is_refused(cast: Cast, run: Run, sign_in: SignIn) -> None:
    assert post(sign_in(cast.mei), run, "rolls", number="viele").status_code == 422


@pytest.mark.parametrize(("number", "is_unfolded"), [("-3", False), ("1e9", False), ("", False), ("3", True)])
def test_part_for_problems_unfolds_only_for_a_number_that_is_one(
    cast: Cast, run: Run, sign_in: SignIn, number: str, is_unfolded: bool
) -> None:
    page = post(sign_in(cast.mei), run, "rolls", number=number)
    assert page.status_code == 422
    assert page.context["page"].is_unfolded is is_unfolded


def test_refused_answer_is_not_told_to_be_saved(cast: Cast, run: Run, sign_in: SignIn) -> None:
    mei = sign_in(cast.mei)
    assert "已保存" in post(mei, run, "printer", htmx=True).content.decode()
    assert "已保存" not in post(mei, run, "rolls", htmx=True, number="viele").content.decode()


def test_folded_fields_of_a_problem_neither_block_a_pass_nor_are_kept(cast: Cast, run: Run, sign_in: SignIn) -> None:
    hidden = {"correction": "换打印机" * 200, "correction_by": "999999", "case_shop": "x", "with_case": "1"}
    assert post(sign_in(cast.mei), run, "printer", **hidden).status_code == 302
    answer = Answer.objects.get()
    assert answer.value == "pass" and answer.case is None and not Correction.objects.exists()


def test_repeat_of_a_post_is_answered_as_the_first(cast: Cast, run: Run, sign_in: SignIn) -> None:
    key = uuid.uuid4()
    codes = [post(sign_in(cast.mei), run, "printer", client_id=key).status_code for _ in range(2)]
    assert (codes, Answer.objects.count()) == ([302, 302], 1)
    assert post(sign_in(cast.mei), run, "printer", "na", client_id=key, note="x").status_code == 409


def test_answer_given_offline_is_taken_with_its_moment(cast: Cast, run: Run, sign_in: SignIn, morning: Any) -> None:
    given = clock.now()
    morning.shift(timedelta(hours=5))
    response = post(sign_in(cast.mei), run, "printer", htmx=True, answered_at=given.isoformat().replace("+00:00", "Z"))
    assert response.status_code == 200
    assert Answer.objects.get().answered_at == given


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_photo_is_kept_without_metadata_and_only_for_those_in_scope(
    cast: Cast, run: Run, sign_in: SignIn, kind: str
) -> None:
    post(sign_in(cast.mei), run, "printer", "fail", note="卡纸", photo=picture(kind=kind))
    url = reverse("checklists:evidence_open", args=[Evidence.objects.get().pk])
    response = sign_in(cast.mei).get(url)
    content = b"".join(response.streaming_content)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert b"Secret" not in content
    assert sign_in(cast.chen).get(url).status_code == 404


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", b"\xff\xd8\xff\xe0 cut off"])
def test_what_is_no_photo_is_refused_with_a_sentence(cast: Cast, run: Run, sign_in: SignIn, content: bytes) -> None:
    upload = SimpleUploadedFile("x.jpg", content, "image/jpeg")
    response = post(sign_in(cast.mei), run, "printer", "fail", note="卡纸", photo=upload)
    assert (response.status_code, Answer.objects.count()) == (422, 0)
    assert "卡纸" in response.content.decode()


def test_photo_of_too_many_pixels_is_refused(cast: Cast, run: Run, sign_in: SignIn) -> None:
    response = post(sign_in(cast.mei), run, "printer", "fail", note="卡纸", photo=picture((8000, 6000)))
    assert response.status_code == 422


def test_whole_run_without_script_from_first_item_to_acceptance(cast: Cast, run: Run, sign_in: SignIn) -> None:
    mei, wang = sign_in(cast.mei), sign_in(cast.wang)
    post(mei, run, "printer", "fail", note="卡纸", with_case="1")
    post(mei, run, "rolls", number="6")
    post(mei, run, "hold")
    submit = reverse("checklists:run_submit", args=[run.pk])
    assert "item=" in mei.post(submit).url  # one is missing
    post(mei, run, "note", text="无")
    assert mei.post(submit).url == reverse("checklists:run_detail", args=[run.pk])
    review = reverse("checklists:run_review", args=[run.pk])
    assert mei.post(review, {"decision": "accept"}).status_code == 403
    assert wang.post(review, {"decision": "return", "note": ""}).status_code == 422
    assert wang.post(review, {"decision": "accept"}).status_code == 302
    assert Run.objects.get().state == "accepted"
    assert wang.get(reverse("checklists:run_detail", args=[run.pk])).status_code == 200


def test_lead_gives_a_pass_and_mei_may_not(cast: Cast, run: Run, sign_in: SignIn) -> None:
    url = reverse("checklists:pass_give", args=[run.pk])
    data = {"employee": cast.mei.pk, "reason": "大促缺人"}
    assert sign_in(cast.mei).post(url, data).status_code == 403
    assert sign_in(cast.wang).post(url, data).status_code == 302
    assert ShiftPass.objects.get().given_by == cast.wang


def test_chen_finds_nothing_and_auditor_changes_nothing(cast: Cast, run: Run, sign_in: SignIn) -> None:
    chen, zhao = sign_in(cast.chen), sign_in(cast.zhao)
    for name in ("run_work", "run_detail"):
        assert chen.get(reverse(f"checklists:{name}", args=[run.pk])).status_code == 404
        assert zhao.get(reverse(f"checklists:{name}", args=[run.pk])).status_code == 200
    assert post(chen, run, "printer").status_code == 404
    assert post(zhao, run, "printer").status_code == 403
    assert zhao.post(reverse("checklists:run_submit", args=[run.pk])).status_code == 403
    assert "card-row" not in chen.get(reverse("checklists:run_list")).content.decode()


def test_manager_adds_and_pauses_a_schedule(cast: Cast, schedule: Schedule, sign_in: SignIn) -> None:
    url = reverse("checklists:checklist_detail", args=[schedule.checklist_id])
    data = {"client_id": uuid.uuid4(), "shift": cast.day_shift.pk, "weekdays": ["1", "2"], "opens": "16:00"}
    assert sign_in(cast.wang).post(url, {**data, "due": "17:00"}).status_code == 403
    li = sign_in(cast.li)
    assert li.post(url, {**data, "due": "15:00"}).status_code == 422
    assert li.post(url, {**data, "due": "17:00"}).status_code == 302
    made = Schedule.objects.latest("id")
    li.post(reverse("checklists:schedule_pause", args=[made.pk]), {"active": "0"})
    made.refresh_from_db()
    assert (made.weekdays, made.is_active) == ("12", False)


def test_lead_starts_a_run_on_the_page(cast: Cast, schedule: Schedule, sign_in: SignIn) -> None:
    url, data = reverse("checklists:run_start"), {"checklist": schedule.checklist_id, "site": cast.site.pk}
    assert sign_in(cast.mei).get(url).status_code == 403
    assert sign_in(cast.wang).get(url).status_code == 200
    response = sign_in(cast.wang).post(url, {**data, "minutes": "60", "client_id": uuid.uuid4()})
    assert response.url == work(Run.objects.get())


def test_every_page_opens_in_every_state(cast: Cast, answered_run: Run, sign_in: SignIn) -> None:
    li, run = sign_in(cast.li), answered_run
    pages = [reverse("checklists:run_list"), reverse("checklists:run_list") + "?when=past&state=missed"]
    pages += [reverse("checklists:checklist_list"), reverse("checklists:run_detail", args=[run.pk])]
    pages += [work(run, "end"), *(work(run, str(item.pk)) for item in run.version.items.all())]
    assert {li.get(url).status_code for url in pages} == {200}
    submit_run(run=run, actor=Actor.of(cast.mei))
    item = run.version.items.first()
    assert li.get(reverse("checklists:answer_correct", args=[run.pk, item.pk])).status_code == 200
    assert li.get(work(run)).url == reverse("checklists:run_detail", args=[run.pk])


# --- statement budgets: session, user and memberships counted


def test_passing_tick_costs_at_most_16_statements(
    cast: Cast, run: Run, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    client = sign_in(cast.mei)
    client.get(work(run))
    with statements() as count:
        assert post(client, run, "printer", htmx=True).status_code == 200
    assert count() <= 16


@pytest.mark.parametrize("size", [3, 30])
def test_open_run_costs_at_most_12_statements_whatever_its_length(
    cast: Cast, schedule: Schedule, sign_in: SignIn, statements: Callable[[], Any], size: int
) -> None:
    items = [{"slug": f"i{n}", "kind": "check", "title": two("看", "Look")} for n in range(size)]
    publish_checklist(slug="morning", content=make_content(items=items), actor=Actor.system("command"))
    open_due_runs(clock.now())
    client, run = sign_in(cast.mei), Run.objects.get()
    client.get(work(run))
    with statements() as count:
        assert client.get(work(run)).status_code == 200
    assert count() <= 12


def test_list_costs_the_same_for_3_and_30_runs(
    cast: Cast, schedule: Schedule, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    client, url = sign_in(cast.li), reverse("checklists:run_list") + "?when=past"
    record_runs(make_rows(cast, schedule, range(1, 4)))
    client.get(url)
    with statements() as few:
        client.get(url)
        expected = few()
    record_runs(make_rows(cast, schedule, range(4, 31)))
    with statements() as many:
        page = client.get(url)
        assert many() == expected
    assert page.content.decode().count("card-row__title") == 30


def test_list_and_record_say_that_a_run_was_handed_in_late_and_what_moved(
    cast: Cast, answered_run: Run, answer: Give, sign_in: SignIn, morning: Any
) -> None:
    def seen() -> list[str]:
        pages = (reverse("checklists:run_list"), reverse("checklists:run_detail", args=[run.pk]))
        return [client.get(page).content.decode() for page in pages]

    run, client = answered_run, sign_in(cast.wang)
    submit_run(run=run, actor=Actor.of(cast.mei))
    assert not any("迟做" in page or "已超时" in page for page in seen())
    review_run(run=run, actor=Actor.of(cast.wang), is_accepted=False, note="卷数再数一遍")
    morning.shift(timedelta(hours=1, minutes=30))  # the deadline was at ten
    assert all("已超时" in page and "退回重做，期限 18:00" in page for page in seen())
    work_page = sign_in(cast.mei).get(work(run)).content.decode()
    assert "应完成 10:00" in work_page and "退回重做，期限 18:00" in work_page
    answer(Run.objects.loaded().get(), "hold", cast.mei)
    submit_run(run=run, actor=Actor.of(cast.mei))
    assert all("迟做" in page for page in seen())


def test_corrective_action_that_was_waived_is_asked_of_nobody(
    cast: Cast, run: Run, answer: Give, sign_in: SignIn
) -> None:
    answer(run, "hold", cast.mei, "fail", details=Details(note="没拦", correction="去货架上拿下来"))
    correction, client = Correction.objects.get(), sign_in(cast.wang)
    pages = [
        reverse("checklists:run_detail", args=[run.pk]),
        reverse("checklists:correction_work", args=[correction.pk]),
    ]
    assert 'name="note"' in client.get(pages[1]).content.decode()
    waive_duty(duty=correction.duty, actor=Actor.of(cast.wang), reason="买家不退了")
    seen = [client.get(page).content.decode() for page in pages]
    assert all("免做" in page and "买家不退了" in page for page in seen)
    assert 'name="note"' not in seen[1]
