"""Things as far along as a route needs them to do what it is for; beside tests/things.py, used by the table of routes.

What has to happen before, happens through the product's own pages."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from cases.models import Case
from checklists.models import Answer, Correction, HandoverSignature, Run
from duties.models import Beat, Duty
from kernel import clock
from orders.models import ImportFile, LabelPhoto, Product, Rule, Verification
from people.models import Employee, Membership, Roster, Shift, Shop, Site, Team
from people.resending import SLOT
from people.services.first import token_path
from records.evidence import store_evidence
from records.models import Evidence, Fact, Reaction
from tests import things
from tests.cases.factories import close, hear
from tests.cases.points.factories import a_rule, an_error, taken
from tests.cast import Cast, make_employee, signed_in
from tests.checklists.conftest import two
from tests.contingency.factories import make_activation, the_printer
from tests.duties.drafts import owe
from tests.orders.factories import make_import, make_label, make_order, order_row, report
from tests.things import Keys
from tests.training.factories import make_assignment, make_module, module_content, read_all

PHOTO = Path(__file__).parent / "samples" / "labels"


def sends(viewer: Employee, name: str, keys: Mapping[str, Any] | None = None, **sent: object) -> None:
    """What a viewer does before, on the page that it belongs to."""
    response = signed_in(viewer).post(reverse(name, kwargs=dict(keys or {})), {"client_id": uuid.uuid4(), **sent})
    assert response.status_code == 302, f"{name}: {response.status_code}"


def picture(cast: Cast) -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", (40, 30), "white").save(written, "JPEG")
    return SimpleUploadedFile("photo.jpg", written.getvalue(), "image/jpeg")


def beside(build: Callable[[Cast], object]) -> Callable[[Cast], Keys]:
    """What has to be there, though the route does not name it."""

    def made(cast: Cast) -> Keys:
        build(cast)
        return {}

    return made


# --- the machine, and people


def alive(cast: Cast) -> Keys:
    """Worker and tick beat."""
    for name in ("worker", "tick"):
        Beat.objects.create(name=name, at=clock.now())
    return {}


def nobody(cast: Cast) -> Keys:
    """A new installation: who is signed in exists no more."""
    Membership.objects.all().delete()
    Employee.objects.all().delete()
    return {}


def token(cast: Cast) -> str:
    """By which the first administrator is made, once."""
    token_path().write_text("the-token-of-this-test", "ascii")
    return "the-token-of-this-test"


def unread_notice(cast: Cast) -> Keys:
    Employee.objects.update(notice_read_at=None)
    return {}


def no_place(cast: Cast) -> Keys:
    for model in (Membership, Shift, Team, Shop, Site):
        model.objects.all().delete()
    return {}


def kept_input(cast: Cast) -> Keys:
    """In the session of whoever is signed in."""
    key = uuid.UUID(int=1).hex
    row = {"at": clock.now().isoformat(), "path": "/cases/", "fields": [["note", "留下这句话"]], "files": False}
    for session in Session.objects.all():
        session.session_data = Session.objects.encode({**session.get_decoded(), SLOT: {key: row}})
        session.save()
    return {"key": key}


def left_employee(cast: Cast) -> Keys:
    return {"pk": make_employee("1009", "周强", is_active=False).pk}


def team_with_a_week(cast: Cast) -> Keys:
    """The week before has a day of Mei's."""
    day = clock.today(cast.site.zone) - timedelta(days=7)
    Roster.objects.create(employee=cast.mei, shift=cast.day_shift, day=day)
    return things.team(cast)


def overdue(cast: Cast) -> Keys:
    """Mei owes something that is late."""
    now = clock.now()
    owe(cast, "late", opens_at=now - timedelta(hours=3), due_at=now - timedelta(hours=1))
    return {}


def late_employee(cast: Cast) -> Keys:
    overdue(cast)
    return things.employee(cast)


# --- cases


def resolved_case(cast: Cast) -> Keys:
    keys = things.case(cast)
    said = {"cause": "sync_delay", "resolution": "platform_corrected", "waybill": "SF2"}
    sends(cast.mei, "cases:case_resolve", keys, **said)
    return keys


def closed_case(cast: Cast) -> Keys:
    keys = things.case(cast)
    close(cast, Case.objects.get(**keys))
    return keys


def heard_case(cast: Cast) -> Keys:
    """Mei has said what happened."""
    keys = things.case(cast)
    hear(cast, Case.objects.get(**keys))
    return keys


def deductible_case(cast: Cast) -> Keys:
    """Of Mei's error, under a rule that Mei knows."""
    sends(cast.mei, "cases:points_rule_acknowledge", {"pk": a_rule(cast).pk})
    return {"pk": an_error(cast).pk}


def approved_deduction(cast: Cast) -> Keys:
    return {"pk": taken(cast).pk}


# --- plans


def stocked_activation(cast: Cast) -> Keys:
    """Five spare printers lie there."""
    made = make_activation(cast)
    sends(cast.mei, "contingency:material_detail", {"pk": the_printer(cast).pk}, kind="received", quantity="5")
    return {"pk": made.pk}


# --- orders


def read_photo(cast: Cast) -> Keys:
    """A photo of which a part is kept."""
    keys = things.label_photo(cast)
    made = {"by": cast.mei.ref, "media_type": "image/jpeg", "client_id": uuid.uuid4()}
    store_evidence(owner=LabelPhoto.objects.get(**keys).ref, content=picture(cast).read(), **made)
    return keys


def begun_by_wang(cast: Cast) -> int:
    """A parcel into which Lao Wang scans lamps, which the shop knows."""
    Rule.objects.create(key="bench_asks", shop=cast.shop, starts_on=clock.today(cast.site.zone), value="codes")
    make_order(cast.shop, waybill="SF1234567890123").items.create(line_number="1", seller_code="LAMP-1")
    Product.objects.create(shop=cast.shop, key="LAMP-1", seller_code="LAMP-1", title="露营灯")
    sends(cast.wang, "orders:bench", scanned="SF1234567890123")
    return Verification.objects.get().pk


def report_file(cast: Cast) -> SimpleUploadedFile:
    return SimpleUploadedFile("orders.csv", report(order_row("4140000000000000001")).encode(), "text/csv")


def noted_file(cast: Cast) -> Keys:
    """A row of it is told: no report has its order."""
    keys = things.imported_file(cast)
    file = ImportFile.objects.get(pk=keys["file"])
    file.notes = {"order_unknown": 1}
    file.save()
    file.row_notes.create(line=2, code="order_unknown", value="4140000000000000001")
    return {**keys, "code": "order_unknown"}


def given_up_import(cast: Cast) -> Keys:
    """Kept, and its comparing failed for good."""
    batch, at = make_import(cast.shop), clock.now()
    fact = Fact.objects.create(key=f"{batch.ref}:finished", kind="import.finished", subject=batch.ref, at=at)
    Reaction.objects.create(fact=fact, name="orders.reconcile", state=Reaction.State.FAILED)
    return {"pk": batch.pk}


def kept_download(cast: Cast) -> ContentFile:
    """Of a chain, as Director Li took it away."""
    url = reverse("compliance:ledger_export", kwargs=things.chain(cast))
    return ContentFile(b"".join(signed_in(cast.li).get(url).streaming_content), "ledger.jsonl")


# --- checks


def run_without_parcels(cast: Cast) -> Keys:
    """Two are to be drawn and looked at; they came after it was opened."""
    sample = {"slug": "sample", "kind": "sample", "sample": 2, "title": two("抽 2 件", "Verify two")}
    made = things.a_run(cast, items=[sample])
    for n in (1, 2):
        number = f"SF12345678900{n:02}"
        make_label(make_order(cast.shop, f"414000000000000000{n}", waybill=number), number)
    return {"pk": made.pk, "item_pk": made.version.items.get().pk}


def sampled_run(cast: Cast) -> Keys:
    keys = run_without_parcels(cast)
    sends(cast.mei, "checklists:sample_draw", keys)
    return keys


def answers(cast: Cast, run: Run, slug: str, value: str, **sent: object) -> Keys:
    """What Mei answers; returns the item's keys."""
    keys: Keys = {"pk": run.pk, "item_pk": run.version.items.get(slug=slug).pk}
    sends(cast.mei, "checklists:item_answer", keys, value=value, **sent)
    return keys


def answered_run(cast: Cast) -> Keys:
    made = things.a_run(cast)
    for slug, value in (("printer", "pass"), ("rolls", "na"), ("hold", "pass"), ("note", "na")):
        answers(cast, made, slug, value, note="今天没有")
    return {"pk": made.pk}


def submitted_run(cast: Cast) -> Keys:
    keys = answered_run(cast)
    sends(cast.mei, "checklists:run_submit", keys)
    return keys


def submitted_item(cast: Cast) -> Keys:
    keys = submitted_run(cast)
    return {**keys, "item_pk": Run.objects.get(**keys).version.items.get(slug="printer").pk}


def gated_run(cast: Cast) -> Keys:
    """Of a checklist that asks for a module which nobody has learned."""
    make_module()
    return {"pk": things.a_run(cast, modules=["daily-order-check"]).pk}


def held_answer(cast: Cast) -> Keys:
    """Given by Mei offline, and in only after the end."""
    made, now = things.a_run(cast), clock.now()
    Run.objects.update(opened_at=now - timedelta(hours=2))
    Duty.objects.update(due_at=now - timedelta(hours=1), closes_at=now - timedelta(hours=1))
    answers(cast, made, "printer", "pass", answered_at=(now - timedelta(minutes=90)).isoformat())
    return {"pk": Answer.objects.get().pk}


def photo_of_an_answer(cast: Cast) -> Keys:
    answers(cast, things.a_run(cast), "printer", "fail", note="卡纸", photo=picture(cast))
    return {"pk": Evidence.objects.get().pk}


def correction(cast: Cast) -> Keys:
    """Lao Wang is to do something about an answer of Mei's."""
    answers(cast, things.a_run(cast), "hold", "fail", note="没拦", correction="挑出来", correction_by=cast.wang.pk)
    return {"pk": Correction.objects.get().pk}


def signature(cast: Cast) -> Keys:
    item = {"slug": "outgoing", "kind": "signature", "signer": "outgoing", "title": two("交班签字", "Outgoing signs")}
    incoming = {**item, "slug": "incoming", "signer": "incoming"}
    things.a_run(cast, handover=True, items=[item, incoming])
    first = HandoverSignature.objects.first()
    assert first
    return {"pk": first.pk}


# --- training


def read_assignment(cast: Cast) -> Keys:
    """Mei has read every lesson: the quiz is next, with questions of one answer."""
    questions = [question for question in module_content()["questions"] if question["kind"] == "single"]
    made = make_assignment(cast, version=make_module(questions=questions, questions_asked=2))
    read_all(made)
    return {"pk": made.pk}
