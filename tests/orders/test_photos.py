"""Photos of labels: what a barcode says counts at once, what OCR reads is a person's to confirm."""

import csv
import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from kernel import clock
from kernel.pictures import UnreadablePicture
from orders.couriers import courier_code
from orders.models import LabelPhoto, Order, Product, Verification
from orders.selectors.codes import known_codes
from orders.services import close_numbers, confirm_photo, discard_label_photos, take_label_photo
from orders.services.photos import photo_path, read_photo_task
from people.actor import Actor
from records.evidence import evidence_path
from records.models import Evidence
from tests.cast import Cast
from tests.orders.factories import make_label, make_order
from tests.orders.test_labels import FOLDER

with (FOLDER / "truth.csv").open(encoding="utf-8-sig", newline="") as told:
    TRUTH = {row["file"]: row for row in csv.DictReader(told)}
CLEAN = next(row for row in TRUTH.values() if row["defect"] == "clean")
TORN = next(row for row in TRUTH.values() if row["defect"] == "torn_barcode")


def order_of(cast: Cast, row: dict[str, str], **fields: Any) -> Order:
    """The order that a label of the sample was printed for."""
    words = {
        "receiver_surname": row["receiver_surname"],
        "phone_tail": row["phone_tail"],
        "city": row["city"],
        **fields,
    }
    order = make_order(cast.shop, row["order"], row["waybill"], status="shipped", **words)
    order.waybills.update(courier=courier_code(row["courier"]))
    make_label(order, row["waybill"], courier=courier_code(row["courier"]))
    return order


def take(cast: Cast, row: dict[str, str], **more: Any) -> LabelPhoto:
    given = {"client_id": uuid.uuid4(), "site_id": cast.site.pk, "shop_ids": [cast.shop.pk], **more}
    with (FOLDER / row["file"]).open("rb") as photo:
        return take_label_photo(photo=photo, actor=Actor.of(cast.mei), **given)


def read(photo: LabelPhoto) -> LabelPhoto:
    """As the worker does."""
    read_photo_task.call(photo.pk)
    return LabelPhoto.objects.get(pk=photo.pk)


def test_barcode_verifies_the_parcel_at_once(cast: Cast) -> None:
    order_of(cast, CLEAN)
    photo = take(cast, CLEAN)
    assert (photo.number, photo.is_sure, photo.verification.verdict) == (CLEAN["waybill"], True, "passed")


def test_rest_of_the_label_is_compared_and_only_barcode_and_number_are_kept(cast: Cast) -> None:
    order_of(cast, CLEAN, receiver_surname="钱")
    photo = read(take(cast, CLEAN))
    agrees = {row["field"]: row["agrees"] for row in photo.compared}
    assert agrees == {"courier": True, "receiver": False, "phone": True, "receiver_city": True, "order_number": True}
    assert CLEAN["receiver_surname"] not in str(photo.compared) and CLEAN["phone_tail"] not in str(photo.compared)
    kept = Evidence.objects.get(owner=photo.ref)
    with Image.open(evidence_path(kept.digest)) as part, Image.open(FOLDER / CLEAN["file"]) as whole:
        assert part.height < whole.height * 0.5
    assert not photo_path(photo.client_id).exists()


def test_number_from_ocr_that_equals_an_open_waybill_needs_nobodys_word(cast: Cast) -> None:
    order_of(cast, TORN)
    photo = take(cast, TORN)
    assert (photo.number, photo.verification) == ("", None)
    photo = read(photo)
    assert (photo.number, photo.method, photo.verification.verdict) == (TORN["waybill"], "ocr", "passed")


def test_other_number_from_ocr_waits_for_a_person(cast: Cast) -> None:
    photo = read(take(cast, TORN))
    assert (photo.state, photo.number, photo.verification) == ("read", TORN["waybill"], None)
    for _ in range(2):
        confirmed = confirm_photo(photo=photo, actor=Actor.of(cast.mei), at=clock.now())
    assert confirmed.verification.code == "not_found"
    assert Verification.objects.count() == 1


def test_same_photo_twice_is_once_and_what_is_no_photo_is_refused(cast: Cast) -> None:
    order_of(cast, CLEAN)
    key = uuid.uuid4()
    assert take(cast, CLEAN, client_id=key) == take(cast, CLEAN, client_id=key)
    assert Verification.objects.count() == 1
    with pytest.raises(UnreadablePicture):
        take_label_photo(
            photo=BytesIO(b"GIF89a"),
            actor=Actor.of(cast.mei),
            site_id=cast.site.pk,
            shop_ids=[],
            client_id=uuid.uuid4(),
        )


def test_photo_without_a_label_says_so(cast: Cast) -> None:
    blank = BytesIO()
    Image.new("RGB", (800, 600), "white").save(blank, "JPEG")
    blank.seek(0)
    given = {
        "actor": Actor.of(cast.mei),
        "site_id": cast.site.pk,
        "shop_ids": [cast.shop.pk],
        "client_id": uuid.uuid4(),
    }
    assert read(take_label_photo(photo=blank, **given)).state == "failed"


def test_photos_go_after_thirty_days(cast: Cast) -> None:
    photo = read(take(cast, CLEAN))
    path = evidence_path(Evidence.objects.get(owner=photo.ref).digest)
    assert discard_label_photos(clock.now() + timedelta(days=29)) == 0
    assert path.exists()
    assert discard_label_photos(clock.now() + timedelta(days=31)) == 1
    assert not LabelPhoto.objects.exists()
    assert Evidence.objects.get().erased_at is not None


@pytest.mark.parametrize(
    "typed", ["YT1234567890132", "YT123456789012", "YT12345678901233", "YT1234567890128", "YT12345678901234"]
)
def test_did_you_mean_knows_one_slip_of_the_hand(cast: Cast, typed: str) -> None:
    make_order(cast.shop, waybill="YT1234567890123")
    make_order(cast.other_shop, number="4140000000000000002", waybill="YT1234567890124")
    assert close_numbers(typed, [cast.shop.pk]) == ["YT1234567890123"]
    assert close_numbers("YT9999999999999", [cast.shop.pk]) == []


def test_packer_photographs_a_label_on_the_page(cast: Cast, sign_in: Any) -> None:
    order_of(cast, CLEAN)
    client = sign_in(cast.mei)
    upload = SimpleUploadedFile("l.jpg", (FOLDER / CLEAN["file"]).read_bytes(), "image/jpeg")
    page = client.post("/orders/bench/photo/", {"client_id": uuid.uuid4(), "photo": upload}, follow=True)
    assert 'data-verdict="passed"' in page.content.decode() and 'hx-trigger="every 1s"' in page.content.decode()
    photo = read(LabelPhoto.objects.get())
    page = client.get(f"/orders/photos/{photo.pk}/").content.decode()
    assert page.count("一致") == 5 and "hx-trigger" not in page
    assert client.get(f"/orders/photos/{photo.pk}/label.jpg")["Content-Type"] == "image/jpeg"
    assert sign_in(cast.chen).get(f"/orders/photos/{photo.pk}/label.jpg").status_code == 404
    refused = client.post(
        "/orders/bench/photo/", {"client_id": uuid.uuid4(), "photo": SimpleUploadedFile("x.jpg", b"x")}, follow=True
    )
    assert "不是能读的照片" in refused.content.decode()


def test_unknown_number_typed_at_the_bench_offers_what_was_meant(cast: Cast, sign_in: Any) -> None:
    make_order(cast.shop, waybill="YT1234567890123")
    sent = {"client_id": uuid.uuid4(), "scanned": "YT1234567890132"}
    page = sign_in(cast.mei).post("/orders/bench/", sent, follow=True).content.decode()
    assert 'value="YT1234567890123"' in page


def several(cast: Cast, name: str) -> LabelPhoto:
    return take(cast, {"file": f"../labels-with-several-codes/{name}.png"})


def test_two_waybills_on_one_label_are_never_green_until_a_person_chooses(cast: Cast, sign_in: Any) -> None:
    for n, number in enumerate(("YT9900000002059", "YT9900000002067")):
        make_order(cast.shop, f"{n}" * 19, number, status="shipped")
    photo = several(cast, "two-waybills")
    assert (photo.number, photo.verification) == ("", None)
    photo = read(photo)
    assert (photo.is_sure, photo.verification, len(photo.candidates)) == (False, None, 2)
    client = sign_in(cast.mei)
    page = client.get(f"/orders/photos/{photo.pk}/").content.decode()
    assert 'data-verdict="passed"' not in page
    assert 'value="YT9900000002059"' in page
    assert 'value="YT9900000002067"' in page
    confirm = f"/orders/photos/{photo.pk}/confirm/"
    assert client.post(confirm, {"number": "YT9900000009999"}).status_code == 409
    page = client.post(confirm, {"number": "YT9900000002067"}, follow=True).content.decode()
    assert 'data-verdict="passed"' in page
    assert Verification.objects.get().number == "YT9900000002067"


def test_code_without_a_couriers_look_is_asked_about(cast: Cast) -> None:
    photo = read(several(cast, "ten-digits-alone"))
    assert (photo.number, photo.is_sure, photo.verification) == ("1234567890", False, None)


def test_code_that_is_an_open_waybill_needs_no_couriers_look(cast: Cast) -> None:
    make_order(cast.shop, waybill="1234567890", status="shipped")
    assert several(cast, "ten-digits-alone").verification.verdict == "passed"


def test_code_of_known_goods_or_of_an_order_is_not_the_waybill(cast: Cast) -> None:
    Product.objects.create(shop=cast.shop, key="1234567890", seller_code="1234567890", title="露营灯")
    assert read(several(cast, "ten-digits-alone")).state == "failed"
    Product.objects.all().delete()
    make_order(cast.other_shop, "1234567890", "YT1")
    assert read(several(cast, "ten-digits-alone")).number == "1234567890"
    make_order(cast.shop, "1234567890", "YT2")
    assert read(several(cast, "ten-digits-alone")).state == "failed"


def test_print_that_differs_from_the_barcode_is_told_beside_the_verdict(cast: Cast) -> None:
    make_order(cast.shop, waybill="SF1987600002083", status="shipped")
    photo = several(cast, "print-differs")
    assert photo.verification.verdict == "passed"
    row = next(row for row in read(photo).compared if row["field"] == "waybill")
    assert row == {"field": "waybill", "label": "SF1987600002038", "order": "SF1987600002083", "agrees": False}


def test_codes_of_a_label_are_looked_up_in_a_fixed_number_of_statements(cast: Cast, statements: Any) -> None:
    counts = []
    for n in (3, 30):
        with statements() as count:
            known_codes([f"YT12345678901{m:02}" for m in range(n)], [cast.shop.pk])
        counts.append(count())
    assert counts[0] == counts[1] == 5
