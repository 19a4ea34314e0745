"""A page and its part have one address: htmx gets the part, and everybody else, the browser's history too, the page."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from kernel import clock
from orders.models import LabelPhoto
from tests.cast import Cast
from tests.checklists.conftest import start_by_hand

PART, RESTORED = {"HX-Request": "true"}, {"HX-Request": "true", "HX-History-Restore-Request": "true"}


@pytest.fixture
def addresses(cast: Cast) -> list[str]:
    """Every page that answers htmx with a part of itself."""
    run = start_by_hand(cast, shop=cast.shop)
    photo = LabelPhoto.objects.create(
        client_id=uuid.uuid4(), site=cast.site, shop_ids=[], employee=cast.wang, at=clock.now()
    )
    return [f"/checks/{run.pk}/", "/orders/bench/", f"/orders/photos/{photo.pk}/", reverse("people:employee_list")]


def test_page_restored_from_the_history_is_whole(cast: Cast, addresses: list[str], sign_in: Any) -> None:
    for address in addresses:
        client = sign_in(cast.li if "employees" in address else cast.wang)
        part = client.get(address, headers=PART)
        assert part.status_code == 200
        assert "<html" not in part.content.decode()
        for headers in ({}, RESTORED):
            assert "</html>" in client.get(address, headers=headers).content.decode(), address


def test_caches_keep_page_and_part_apart(cast: Cast, addresses: list[str], sign_in: Any) -> None:
    for address in addresses:
        response = sign_in(cast.li).get(address)
        assert {"HX-Request", "HX-History-Restore-Request"} <= set(response["Vary"].split(", "))


def test_page_restored_after_signing_out_leads_to_the_sign_in_page(cast: Cast, client: Any) -> None:
    assert client.get("/orders/bench/", headers=PART).status_code == 401
    assert client.get("/orders/bench/", headers=RESTORED).url.startswith("/sign-in/")
