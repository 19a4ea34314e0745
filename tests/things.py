"""One of each thing that a route may name, made at the cast's site; used by the table of routes."""

import uuid
from datetime import time, timedelta

from cases.models import CourierStation, Deduction, RetrainingRule
from cases.services import acknowledge_rule, appeal_deduction, log_contact
from checklists.models import Run, Schedule
from checklists.services import answer_item, open_due_runs, publish_checklist
from contingency.services import schedule_drill
from duties.services import claim_duty
from kernel import clock
from notifications.models import Notice
from orders.models import Coverage, DeadlineMove, LabelPhoto, Operator, Product, Rule
from orders.services import Scan, create_import, teach_barcode, verify_parcel
from people.actor import Actor
from people.models import Membership
from people.services import save_view
from records.evidence import store_evidence
from records.services import append_entry, chain_name
from tests.cases.factories import make_case
from tests.cases.points.factories import a_rule, an_error, decide, propose
from tests.cast import Cast
from tests.checklists.conftest import make_content
from tests.contingency.factories import make_activation, make_plan, the_printer
from tests.duties.drafts import owe
from tests.orders.factories import make_finding, make_import, make_order, order_row, report, upload
from tests.training.factories import make_assignment, make_module, take

Keys = dict[str, object]


def employee(cast: Cast) -> Keys:
    return {"pk": cast.mei.pk}


def membership(cast: Cast) -> Keys:
    return {"pk": Membership.objects.get(employee=cast.mei).pk}


def team(cast: Cast) -> Keys:
    return {"pk": cast.team.pk}


def site(cast: Cast) -> Keys:
    return {"kind": "site", "pk": cast.site.pk}


def kind_of_place(cast: Cast) -> Keys:
    return {"kind": "shop"}


def kept_input(cast: Cast) -> Keys:
    return {"key": uuid.UUID(int=1).hex}


def duty(cast: Cast) -> Keys:
    """Mei's, open to whoever of the site takes it."""
    return {"pk": owe(cast, "route", is_claimable=True).pk}


def taken_duty(cast: Cast) -> Keys:
    """Taken by Mei."""
    row = owe(cast, "route", assignee=cast.wang, is_claimable=True)
    return {"pk": claim_duty(duty=row, actor=Actor.of(cast.mei)).pk}


def notice(cast: Cast) -> Keys:
    made = Notice.objects.create(key="route", recipient=cast.mei, title={"zh": "通知", "en": "Notice"}, at=clock.now())
    return {"pk": made.pk}


def case(cast: Cast) -> Keys:
    return {"pk": make_case(cast).pk}


def follow_up(cast: Cast) -> Keys:
    """Promised by the lead, for tomorrow."""
    contact = log_contact(
        case=make_case(cast),
        actor=Actor.of(cast.wang),
        client_id=uuid.uuid4(),
        whom="courier",
        channel="phone",
        said="明天上午揽收",
        follow_up_at=clock.now() + timedelta(days=1),
    )
    return {"pk": contact.pk}


def plan(cast: Cast) -> Keys:
    return {"pk": make_plan([cast.site]).pk}


def activation(cast: Cast) -> Keys:
    return {"pk": make_activation(cast).pk}


def step(cast: Cast) -> Keys:
    made = make_activation(cast)
    first = made.version.steps.first()
    assert first
    return {"pk": made.pk, "step": first.pk}


def material(cast: Cast) -> Keys:
    make_plan([cast.site])
    return {"pk": the_printer(cast).pk}


def printer(cast: Cast) -> int:
    return the_printer(cast).pk


def drill(cast: Cast) -> Keys:
    made = schedule_drill(
        plan=make_plan([cast.site]),
        site=cast.site,
        lead=cast.wang,
        actor=Actor.of(cast.li),
        due_at=clock.now() + timedelta(days=7),
        client_id=uuid.uuid4(),
    )
    return {"pk": made.pk}


def a_run(cast: Cast, **content: object) -> Run:
    version = publish_checklist(slug="morning", content=make_content(**content), actor=Actor.system("command"))
    Schedule.objects.create(
        checklist=version.checklist,
        site=cast.site,
        shop=cast.shop,
        shift=cast.day_shift,
        opens=time(8, 30),
        due=time(10),
        closes=time(12),
    )
    open_due_runs(clock.now())
    return Run.objects.loaded().get()


def run(cast: Cast) -> Keys:
    return {"pk": a_run(cast).pk}


def item(cast: Cast) -> Keys:
    made = a_run(cast)
    return {"pk": made.pk, "item_pk": made.version.items.get(slug="printer").pk}


def answer(cast: Cast) -> Keys:
    made = a_run(cast)
    given = answer_item(
        run=made,
        item=made.version.items.get(slug="printer"),
        actor=Actor.of(cast.mei),
        value="pass",
        client_id=uuid.uuid4(),
    )
    return {"pk": given.answer.pk}


def checklist(cast: Cast) -> Keys:
    return {"pk": a_run(cast).version.checklist_id}


def schedule(cast: Cast) -> Keys:
    a_run(cast)
    return {"pk": Schedule.objects.get().pk}


def chain(cast: Cast) -> Keys:
    name = chain_name(site_id=cast.site.pk)
    append_entry(
        chain=name,
        kind="roster.copied",
        actor=cast.mei.ref,
        subject="run:1",
        payload={"monday": "2026-11-23", "days": 1},
    )
    return {"chain": name}


def entry(cast: Cast) -> Keys:
    return {**chain(cast), "seq": 1}


def order(cast: Cast) -> Keys:
    return {"pk": make_order(cast.shop, waybill="SF1234567890123").pk}


def finding(cast: Cast) -> Keys:
    return {"pk": make_finding(make_order(cast.shop)).pk}


def figure(cast: Cast) -> Keys:
    return {"key": "findings_open"}


def verification(cast: Cast) -> int:
    """Passed by Mei."""
    make_order(cast.shop, waybill="SF1234567890123")
    scan = Scan("SF1234567890123", cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
    return verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command")).pk


def operator(cast: Cast) -> Keys:
    return {"pk": Operator.objects.create(shop=cast.shop, text="打单01").pk}


def late_parcel(cast: Cast) -> Keys:
    """Let go by Mei while the network was down, though nobody knows its number."""
    now = clock.now()
    scan = Scan("SF0000000000999", cast.mei, cast.site.pk, uuid.uuid4(), now, "passed", now)
    return {"pk": verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command")).pk}


def begun_parcel(cast: Cast) -> uuid.UUID:
    """Begun by Mei in a shop that wants each piece scanned."""
    Rule.objects.create(key="bench_asks", shop=cast.shop, starts_on=clock.today(cast.site.zone), value="codes")
    make_order(cast.shop, waybill="SF1234567890123").items.create(line_number="1", seller_code="LAMP-1")
    scan = Scan("SF1234567890123", cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
    return verify_parcel(scan=scan, shop_ids=[cast.shop.pk], asks_goods=True, actor=Actor.system("command")).client_id


def product(cast: Cast) -> Keys:
    made = Product.objects.create(shop=cast.shop, key="LAMP-1", seller_code="LAMP-1", title="露营灯")
    return {"pk": made.pk}


def pictured_product(cast: Cast) -> Keys:
    keys = product(cast)
    made = {"by": cast.wang.ref, "media_type": "image/jpeg", "client_id": uuid.uuid4()}
    store_evidence(owner=f"product:{keys['pk']}", content=b"\xff\xd8\xff", **made)
    return keys


def barcode(cast: Cast) -> Keys:
    lamp = Product.objects.get(**product(cast))
    return {"pk": teach_barcode(product=lamp, code="690001", pieces=1, actor=Actor.of(cast.wang)).pk}


def preview(cast: Cast) -> Keys:
    return {"pk": make_import(cast.shop, "preview").pk}


def imported_file(cast: Cast) -> Keys:
    """A file of a preview."""
    uploads = [upload(report(order_row("4140000000000000001")))]
    batch = create_import(shop=cast.shop, uploads=uploads, actor=Actor.of(cast.li), client_id=uuid.uuid4())
    return {"pk": batch.pk, "file": batch.files.get().pk}


def station(cast: Cast) -> Keys:
    words = {"courier": "yto", "name": "余杭一部", "phone": "0571-86001234"}
    return {"pk": CourierStation.objects.create(site=cast.site, saved_by=cast.wang, saved_at=clock.now(), **words).pk}


def retraining_rule(cast: Cast) -> Keys:
    today = clock.today("Asia/Shanghai")
    words = {"cause": "manual_entry", "role": "employee", "starts_on": today, "saved_at": clock.now()}
    made = RetrainingRule.objects.create(shop=cast.shop, module=make_module().module, saved_by=cast.li, **words)
    return {"pk": made.pk}


def label_photo(cast: Cast) -> Keys:
    """Mei's, read, its part not kept."""
    words = {"state": "read", "number": "SF1234567890123", "method": "ocr", "shop_ids": [cast.shop.pk]}
    made = LabelPhoto.objects.create(employee=cast.mei, site=cast.site, at=clock.now(), client_id=uuid.uuid4(), **words)
    return {"pk": made.pk}


def deadline_move(cast: Cast) -> Keys:
    now = clock.now()
    made = DeadlineMove.objects.create(
        shop=cast.shop,
        paid_from=now,
        paid_until=now,
        ship_by=now,
        saved_by=cast.li,
        saved_at=now,
        client_id=uuid.uuid4(),
    )
    return {"pk": made.pk}


def rule(cast: Cast) -> Keys:
    return {"key": "due_soon_hours"}


def coverage(cast: Cast) -> Keys:
    batch, now = make_import(cast.shop, "preview"), clock.now()
    made = Coverage.objects.create(batch=batch, shop=cast.shop, side="labels", starts_at=now, ends_at=now)
    return {"pk": batch.pk, "coverage": made.pk}


def module(cast: Cast) -> Keys:
    return {"pk": make_module().module_id}


def assignment(cast: Cast) -> Keys:
    """Owed by Mei, nothing read yet."""
    return {"pk": make_assignment(cast).pk}


def lesson(cast: Cast) -> Keys:
    made = make_assignment(cast)
    return {"pk": made.pk, "lesson": made.module.current.lessons.get(slug="sides").pk}


def attempt(cast: Cast) -> Keys:
    return {"pk": take(make_assignment(cast)).pk}


def point_rule(cast: Cast) -> Keys:
    """Of deductions, of the cast's shop."""
    return {"pk": a_rule(cast).pk}


def deduction(cast: Cast) -> Keys:
    """Of Mei's, proposed by Lao Wang."""
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    return {"pk": propose(cast, an_error(cast)).pk}


def appeal(cast: Cast) -> Keys:
    """Mei's, against what Admin Sun approved."""
    made = decide(Deduction.objects.get(**deduction(cast)), cast.sun)
    return {"pk": appeal_deduction(deduction=made, text="不是我", actor=Actor.of(cast.mei), client_id=uuid.uuid4()).pk}


def point_entry(cast: Cast) -> Keys:
    return {"pk": decide(Deduction.objects.get(**deduction(cast)), cast.sun).entry_id}


def saved_view(cast: Cast) -> Keys:
    """Mei's."""
    view = {"page": "cases:case_list", "name": "全部", "query": "status=all"}
    return {"pk": save_view(actor=Actor.of(cast.mei), **view).pk}
