"""Barcodes of a label. A barcode is read rightly or not at all: its checksum sees to that. Whether it is the waybill is
another question (`orders/labels/weighing.py`). Runs in the sandbox alone."""

import json
from collections import Counter
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageFilter

from kernel.sandboxed.pictures import open_picture, written_jpeg

FORMATS = zxingcpp.barcode_formats_from_str(
    "Code128,Code39,Code93,QRCode,MicroQRCode,DataMatrix,PDF417,Aztec,EAN13,EAN8,UPCA,UPCE,ITF14"
)
GOODS = (zxingcpp.BarcodeFormat.EANUPC, zxingcpp.BarcodeFormat.ITF)  # asked for to know the goods beside the waybill
LINES = (*GOODS, *map(zxingcpp.barcode_format_from_str, ("Code128", "Code39", "Code93")))
LONGEST_RETRIED = 1600  # pixels; a second look costs a fraction of the first
Code = tuple[str, bool, int, bool]  # as orders.labels.weighing.Code
Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels


def look(content: bytes, longest_side: int) -> Iterator[bytes]:
    """What the barcodes of a photo say, as a line of JSON; then the photo written anew."""
    image = open_picture(content)
    image.thumbnail((longest_side, longest_side))
    yield json.dumps(codes_in(image)).encode() + b"\n"
    yield written_jpeg(image, longest_side)


def codes_in(image: Image.Image) -> list[Code]:
    """What the barcodes say, each once."""
    found = zxingcpp.read_barcodes(image.convert("L"), formats=FORMATS)
    times = Counter((one.text.strip(), one.symbology not in LINES, one.symbology in GOODS) for one in found)
    return [(text, is_matrix, n, is_goods) for (text, is_matrix, is_goods), n in times.items() if text]


def boxes_of(image: Image.Image, number: str) -> list[Box]:
    """Where the barcodes lie that say a number."""
    found = zxingcpp.read_barcodes(image.convert("L"), formats=FORMATS)
    corners = [
        [(at.x, at.y) for at in (p.top_left, p.top_right, p.bottom_left, p.bottom_right)]
        for p in (one.position for one in found if number in one.text.upper())
    ]
    return [(min(x for x, _ in c), min(y for _, y in c), max(x for x, _ in c), max(y for _, y in c)) for c in corners]


def codes_at(image: Image.Image, angle: float) -> list[Code]:
    """A second look at a label whose lines of text run at an angle (degrees, clockwise): straightened and sharpened."""
    grey = image.convert("L")
    grey.thumbnail((LONGEST_RETRIED, LONGEST_RETRIED))
    if abs(angle) > 1:
        grey = grey.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return codes_in(grey.filter(ImageFilter.GaussianBlur(0.8)).filter(ImageFilter.UnsharpMask(4, 300)))
