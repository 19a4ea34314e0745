"""Labels are read as a person would read them; a waybill is read rightly or left to a person."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from PIL import Image

from kernel.pictures import PictureTooHeavy, PictureTooLarge, UnreadablePicture, clean_jpeg
from orders.labels.fields import fields_of
from orders.labels.lines import Line
from orders.labels.weighing import Code

SAMPLES = settings.BASE_DIR / "tests" / "samples"
FOLDER, SEVERAL, CASES = SAMPLES / "labels", SAMPLES / "labels-with-several-codes", SAMPLES / "cases"
TOLD = ("waybill", "courier", "receiver_surname", "phone_tail", "city", "order")
LABEL = (
    "圆通速递",
    "YT95 2754 4789 150",
    "990 B95 018",
    "杭州转运中心",
    "高** 1******5878",
    "浙江省杭州市余杭区",
    "山** 1******0086 上海市浦东新区****",
    "防风软壳外套 女款 x3 SY-J07",
    "订单4171627442124046317",
    "YT9527544789150",
)


def lines(*texts: str, down: int = 1) -> list[Line]:
    """Lines under one another; with down=-1 as on a photo that was taken from the other side."""
    return [Line(text, 300, 500 + down * 40 * n, 0, 20 * len(text), 30, 0.9) for n, text in enumerate(texts)]


def without(*words: str) -> list[str]:
    return [text for text in LABEL if not any(word in text for word in words)]


@pytest.mark.parametrize("down", [1, -1])
def test_receiver_is_told_from_the_sender_whichever_way_the_photo_lies(down: int) -> None:
    fields = fields_of(lines(*LABEL, down=down))
    assert (fields.receiver_surname, fields.phone_tail, fields.city) == ("高", "5878", "杭州市")
    assert (fields.waybill, fields.courier, fields.order) == ("YT9527544789150", "yto", "4171627442124046317")


@pytest.mark.parametrize("down", [1, -1])
def test_sender_is_not_taken_for_a_receiver_who_cannot_be_read(down: int) -> None:
    fields = fields_of(lines(*without("高**"), down=down))
    assert (fields.receiver_surname, fields.phone_tail, fields.city) == ("", "", "杭州市")


def test_hub_is_not_taken_for_the_receivers_city() -> None:
    texts = [text.replace("杭州转运中心", "上海转运中心") for text in without("浙江省")]
    assert fields_of(lines(*texts)).city == ""


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("北京北京市朝阳区", "北京市"),
        ("上海市浦东新区", "上海市"),
        ("内蒙古自治区呼和浩特市赛罕区", "呼和浩特市"),
        ("新疆维吾尔自治区乌鲁木齐市天山", "乌鲁木齐市"),
        ("吉林省延边朝鲜族自治州延吉市", "延边朝鲜族自治州"),
    ],
)
def test_city_is_found_in_an_address(address: str, city: str) -> None:
    assert fields_of(lines(*[text.replace("浙江省杭州市余杭区", address) for text in LABEL])).city == city


def test_number_printed_twice_wins_over_one_read_wrongly_and_is_never_quite_sure() -> None:
    texts = [text.replace("YT95 2754 4789 150", "YT95 2754 4789 15O") for text in LABEL]
    fields = fields_of(lines(*texts))
    assert fields.waybill == "YT9527544789150" and 0.9 < fields.sure < 1


def test_barcode_is_taken_before_the_print_and_certain_only_where_the_print_agrees() -> None:
    for said, sure in (("YT9527544789150", 1.0), ("YT9527544789159", 0.9)):
        fields = fields_of(lines(*LABEL), [Code(said)])
        assert (fields.waybill, fields.sure) == (said, sure)


def test_courier_whose_name_is_smudged_is_still_known() -> None:
    assert fields_of(lines("极免速递", "330 A95 067")).courier == "jt"
    assert fields_of(lines("JT9031462701102")).courier == "jt"


def test_telephone_and_order_number_are_no_waybill() -> None:
    assert fields_of(lines("13812345678", "订单4171627442124046317")).waybill == ""


def test_every_sample_label_is_read(db: None) -> None:
    paths = sorted(FOLDER.glob("*.jpg"))
    with (FOLDER / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        truth = {row["file"]: {key: row[key] for key in TOLD} for row in csv.DictReader(file)}
    found = {row["file"]: {key: row[key] for key in TOLD} for row in told(*paths)}
    assert len(paths) == 24 and found == truth


def told(*files: str | Path) -> list[dict[str, Any]]:
    """What the command says of photos."""
    out = StringIO()
    call_command("read_label", *map(str, files), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_case_of_labels_with_several_codes_is_read(db: None) -> None:
    folder = CASES / "p18-label-with-several-codes"
    for run in json.loads((folder / "expect.json").read_text("utf-8"))["runs"]:
        rows = told(*(folder / name for name in run["photos"]))
        assert {row["file"]: row["waybill"] for row in rows} == run["expect"]["read"]


def test_waybill_among_other_codes_is_found_and_doubt_is_told(db: None) -> None:
    with (SEVERAL / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    rows = told(*(SEVERAL / row["file"] for row in truth))
    found = [
        {
            "file": r["file"],
            "waybill": r["waybill"],
            "confidence": str(r["confidence"]),
            "others": " ".join(r["others"]),
        }
        for r in rows
    ]
    assert len(truth) == 11 and found == truth


def test_file_that_is_no_photo_is_told_and_the_others_are_read(db: None, tmp_path: Path) -> None:
    bad = tmp_path / "label.jpg"
    bad.write_bytes(b"\xff\xd8 no photo")
    out = StringIO()
    with pytest.raises(CommandError, match=r"label\.jpg"):
        call_command("read_label", str(bad), str(FOLDER / "label-000.jpg"), "--json", stdout=out)
    assert [row["waybill"] for row in json.loads(out.getvalue())] == ["773269460248039"]


def test_enormous_picture_is_refused_before_it_is_decoded() -> None:
    file = BytesIO()
    Image.new("1", (10_000, 5_000)).save(file, "PNG")
    file.seek(0)
    with pytest.raises(PictureTooLarge):
        clean_jpeg(file, 2000)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7", b"\x00" * 100])
def test_what_is_no_picture_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        clean_jpeg(BytesIO(content), 2000)


def test_what_is_too_heavy_for_a_photo_is_not_even_read() -> None:
    with pytest.raises(PictureTooHeavy):
        clean_jpeg(BytesIO(b"\xff\xd8\xff" + bytes(11 * 1024**2)), 2000)


def test_heic_of_a_phone_is_read() -> None:
    file = BytesIO()
    Image.new("RGB", (64, 48), "white").save(file, "HEIF")
    file.seek(0)
    with Image.open(BytesIO(clean_jpeg(file, 2000))) as photo:
        assert photo.size == (64, 48)
