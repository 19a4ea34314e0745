"""A case's page offers first what is to be done next, and opens one form at a time."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse
from PIL import Image

from cases.models import Case
from cases.services import log_contact, resolve_case, take_case
from kernel import clock
from orders.models import LabelPhoto
from people.actor import Actor
from records.evidence import store_evidence
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import make_finding, make_label, make_order

SignIn = Callable[[Any], Client]


def page_of(client: Client, case: Case) -> Any:
    return client.get(reverse("cases:case_detail", args=[case.pk]))


def test_next_step_follows_the_case_from_taking_to_closing(cast: Cast, sign_in: SignIn) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False) as traveller:
        case, wang, mei = make_case(cast), sign_in(cast.wang), sign_in(cast.mei)
        words = {"case": case, "actor": Actor.of(cast.wang)}
        assert page_of(wang, case).context["step"] == "take"
        take_case(**words)
        assert page_of(wang, case).context["step"] == "contact"
        again = clock.now() + timedelta(hours=2)
        talk = {"whom": "courier", "channel": "phone", "said": "请补扫", "promised": "今晚补扫"}
        contact = log_contact(**words, **talk, follow_up_at=again, client_id=uuid.uuid4())
        assert page_of(wang, case).context["step"] == "contact"
        traveller.shift(timedelta(hours=3))
        assert page_of(wang, case).context["step"] == "follow_up"
        sent = {"client_id": uuid.uuid4(), "note": "已补扫"}
        assert wang.post(reverse("cases:follow_up_complete", args=[contact.pk]), sent).status_code == 302
        assert page_of(wang, case).context["step"] == "resolve"
        how = {"cause": "courier", "resolution": "courier_corrected", "confirmed_by": "网点小周"}
        resolve_case(**words, **how, client_id=uuid.uuid4())
        assert (page_of(wang, case).context["step"], page_of(mei, case).context["step"]) == ("close", "")
        wang.post(reverse("cases:case_close", args=[case.pk]), {"client_id": uuid.uuid4()})
        assert page_of(wang, case).context["step"] == ""


def test_forms_of_a_case_are_one_group_of_which_a_refused_one_is_open(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.wang)
    html = page_of(client, case).content.decode()
    assert len(re.findall(r'<details class="act[^"]*" name="act"', html)) >= 6
    assert not re.findall(r'<details class="act[^>]*open', html)
    refused = client.post(reverse("cases:case_note", args=[case.pk]), {"client_id": uuid.uuid4(), "note": ""})
    assert refused.status_code == 422
    assert re.findall(r'<details class="act[^"]*" name="act" id="(\w+)" open', refused.content.decode()) == ["note"]


def test_case_shows_money_the_three_sides_and_the_picture_of_the_label(cast: Cast, sign_in: SignIn) -> None:
    order = make_order(cast.shop, waybill="SF1234567890123")
    make_label(order, "SF1234567890132")
    finding = make_finding(order, loss_cents=1275)
    case = make_case(cast, orders=[order.number], finding_ids=[finding.pk])
    photo = LabelPhoto.objects.create(
        client_id=uuid.uuid4(), site=cast.site, shop_ids=[cast.shop.pk], employee=cast.mei, order=order, at=clock.now()
    )
    page = page_of(sign_in(cast.mei), case)
    assert page.context["photos"] == []
    keep_picture(photo)
    html = page_of(sign_in(cast.mei), case).content.decode()
    assert "¥12.75" in html and "三方对照" in html and reverse("orders:photo_open", args=[photo.pk]) in html
    assert '<mark class="differs">23</mark>' in html
    assert page_of(sign_in(cast.wang), case).context["photos"] == [photo]


def keep_picture(photo: LabelPhoto) -> None:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG")
    store_evidence(
        owner=photo.ref, content=data.getvalue(), media_type="image/jpeg", by=photo.employee.ref, client_id=uuid.uuid4()
    )
