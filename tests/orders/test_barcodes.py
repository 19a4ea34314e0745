"""Which formats are looked for in the photo of a label, and what each may be."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from orders.labels.reading import first_look
from orders.labels.weighing import Code, weigh
from orders.sandboxed import barcodes

GOODS = [("EAN13", "6901234567892"), ("EAN8", "96385074"), ("UPCA", "036000291452"), ("ITF", "16901234567899")]
WAYBILL = "SF1987600001805"


def picture(*codes: tuple[str, str]) -> Image.Image:
    drawn = [
        Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(name)).to_image(scale=4))
        for name, text in codes
    ]
    sheet = Image.new("L", (max(one.width for one in drawn) + 160, sum(one.height + 120 for one in drawn)), 255)
    top = 60
    for one in drawn:
        sheet.paste(one, (80, top))
        top += one.height + 120
    return sheet


def codes_in(image: Image.Image) -> list[Code]:
    return [Code(*code) for code in barcodes.codes_in(image)]


def waybill_by_barcode(image: Image.Image) -> str:
    content = BytesIO()
    image.save(content, "PNG")
    return first_look(content.getvalue(), 2400)[0]


@pytest.mark.parametrize(("name", "text"), GOODS)
def test_goods_code_is_seen_as_goods_and_is_no_waybill(name: str, text: str) -> None:
    seen = codes_in(picture((name, text)))
    assert [(one.text.lstrip("0"), one.is_goods) for one in seen] == [(text.lstrip("0"), True)]
    assert weigh(seen).number == ""
    assert waybill_by_barcode(picture((name, text), ("Code128", WAYBILL))) == WAYBILL


@pytest.mark.parametrize("name", ["QRCode", "DataMatrix", "PDF417", "Aztec"])
def test_couriers_matrix_is_read(name: str) -> None:
    seen = codes_in(picture((name, WAYBILL)))
    assert [(one.text, one.is_matrix, one.is_goods) for one in seen] == [(WAYBILL, True, False)]
    assert waybill_by_barcode(picture((name, WAYBILL), GOODS[0])) == WAYBILL


@pytest.mark.parametrize("name", ["Code128", "Code39", "Code93"])
def test_couriers_lines_are_read(name: str) -> None:
    assert [(one.text, one.is_matrix) for one in codes_in(picture((name, WAYBILL)))] == [(WAYBILL, False)]
