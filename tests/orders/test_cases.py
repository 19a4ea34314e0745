"""Inputs in the form that real files have (`tests/samples/cases`), each with what must come of it, by the commands."""

import io
import json
import re
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from kernel import clock
from orders.models import Finding, Import, Order, OrderItem, RowFault, Waybill
from orders.services import Scan, verify_parcel
from people.actor import Actor
from tests.cast import Cast, signed_in
from tests.orders.factories import SAMPLED_AT

CASES = settings.BASE_DIR / "tests" / "samples" / "cases"
SIDES = ("orders", "labels", "tracking")


def runs() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*/expect.json")):
        for n, run in enumerate(json.loads(path.read_text("utf-8"))["runs"]):
            found.append(pytest.param(path.parent, run, id=f"{path.parent.name}-{run.get('name', n)}"))
    return found


@pytest.mark.parametrize(("folder", "run"), runs())
def test_what_is_expected_of_a_case_comes_of_it(cast: Cast, folder: Path, run: dict[str, Any]) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        outcome = Outcome(cast, folder, run)
        faults = outcome.faults(run["expect"])
    assert not faults, "\n".join(faults)


class Outcome:
    """What came of one run."""

    def __init__(self, cast: Cast, folder: Path, run: dict[str, Any]) -> None:
        self.cast = cast
        self.refusal = ""
        if "photos" in run:
            self.photos = [str(folder / name) for name in run["photos"]]
            return
        self.page = self._page(folder, run)
        words = [word for side in SIDES for word in self._option(folder, run, side)]
        try:
            call_command("import_orders", "--shop", cast.shop.code, *words, "--json", stdout=io.StringIO())
        except CommandError as refusal:
            self.refusal = str(refusal)
        if at := run.get("at"):
            self._reconcile(at)

    @staticmethod
    def _option(folder: Path, run: dict[str, Any], side: str) -> list[str]:
        return [f"--{side}", *(str(folder / name) for name in run[side])] if side in run else []

    def _page(self, folder: Path, run: dict[str, Any]) -> str:
        """What the manager reads before anything is kept."""
        paths = [folder / name for side in SIDES for name in run.get(side, ())]
        files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in paths]
        sent = {"client_id": str(uuid.uuid4()), "shop": self.cast.shop.pk, "files": files}
        page = signed_in(self.cast.li).post(reverse("orders:import_new"), sent, follow=True)
        assert not Order.objects.exists()
        return re.sub(r"<[^>]*>", " ", page.content.decode())

    def _reconcile(self, at: str) -> None:
        call_command("reconcile", "--shop", self.cast.shop.code, "--at", at, "--json", stdout=io.StringIO())

    def faults(self, expect: dict[str, Any]) -> list[str]:
        """What does not hold of an expectation, in words."""
        if "any_of" in expect:
            found = [self.faults(one) for one in expect["any_of"]]
            return [] if any(not some for some in found) else [fault for some in found for fault in some]
        return [fault for key, wanted in expect.items() for fault in getattr(self, key)(wanted)]

    def findings(self, wanted: list[list[str]]) -> list[str]:
        rows = Finding.objects.standing().values_list("order__number", "code")
        found = sorted(rows)
        fits = len(found) == len(wanted) and all(
            order == number and code in ("*", what)
            for (number, what), (order, code) in zip(found, sorted(wanted), strict=True)
        )
        return [] if fits else [f"findings are {found}, not {wanted}"]

    def kept(self, wanted: dict[str, dict[str, Any]]) -> list[str]:
        orders = {order.number: order for order in Order.objects.all()}
        if orders.keys() != wanted.keys():
            return [f"kept are {sorted(orders)}, not {sorted(wanted)}; refused: {self.refusal}"]
        return [fault for number, facts in wanted.items() for fault in self._kept(orders[number], facts)]

    def _kept(self, order: Order, facts: dict[str, Any]) -> list[str]:
        titles = [order.title, *OrderItem.objects.filter(order=order).values_list("title", flat=True)]
        has = {
            "quantity": order.quantity,
            "city": order.city.removesuffix("市"),
            "due": order.ship_by.replace(second=0) if order.ship_by else None,
            "waybills": sorted(Waybill.objects.filter(order=order, withdrawn_at=None).values_list("number", flat=True)),
        }
        faults = []
        for key, value in facts.items():
            said = sorted(value) if key == "waybills" else datetime.fromisoformat(value) if key == "due" else value
            if key == "goods":
                lacking = [word for word in value if word not in " ".join(titles)]
                faults += [f"{order.number} lacks {lacking}"] if lacking else []
            elif has[key] != said:
                faults.append(f"{order.number}: {key} is {has[key]}, not {said}")
        return faults

    def reported(self, wanted: dict[str, str]) -> list[str]:
        last = Import.objects.order_by("id").last()
        found = {str(fault.line): fault.code for fault in RowFault.objects.filter(file__batch=last)}
        fits = found.keys() == wanted.keys() and all(re.search(wanted[line], code) for line, code in found.items())
        return [] if fits else [f"refused rows are {found}, not {wanted}"]

    def refused(self, groups: list[list[str]]) -> list[str]:
        return self._said(self.refusal, groups)

    def told(self, groups: list[list[str]]) -> list[str]:
        return self._said(self.page, groups)

    @staticmethod
    def _said(text: str, groups: list[list[str]]) -> list[str]:
        lacking = [group for group in groups if not any(re.search(word, text, re.IGNORECASE) for word in group)]
        return [f"nothing of {lacking} is said in “{text[:400]}”"] if lacking or not text else []

    def read(self, wanted: dict[str, str]) -> list[str]:
        printed = io.StringIO()
        call_command("read_label", *self.photos, "--json", stdout=printed)
        found = {row["file"]: row["waybill"] for row in json.loads(printed.getvalue())}
        return [] if found == wanted else [f"read are {found}, not {wanted}"]

    def bench(self, wanted: dict[str, str]) -> list[str]:
        found = {}
        for number in wanted:
            scan = Scan(number, self.cast.mei, self.cast.site.pk, uuid.uuid4(), clock.now())
            found[number] = verify_parcel(
                scan=scan, shop_ids=[self.cast.shop.pk], actor=Actor.system("command")
            ).verdict
        return [] if found == wanted else [f"the bench says {found}, not {wanted}"]

    @staticmethod
    def never_kept(texts: list[str]) -> list[str]:
        rows = [
            (model.__name__, str(row))
            for model in apps.get_models(include_auto_created=True)
            for row in model._default_manager.values_list()
        ]
        return [f"{name} keeps {text}" for name, row in rows for text in texts if text in row]
