"""Barcodes of a label. A barcode is read rightly or not at all: its checksum sees to that."""

import zxingcpp
from PIL import Image, ImageFilter

FORMATS = zxingcpp.barcode_formats_from_str("Code128,Code39,QRCode,DataMatrix")
LONGEST_RETRIED = 1600  # pixels; a second look costs a fraction of the first


def barcodes_in(image: Image.Image) -> list[str]:
    """What the barcodes say, the text found most often first."""
    texts = [found.text.strip() for found in zxingcpp.read_barcodes(image.convert("L"), formats=FORMATS)]
    return sorted(dict.fromkeys(text for text in texts if text), key=lambda text: -texts.count(text))


Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels


def boxes_of(image: Image.Image, number: str) -> list[Box]:
    """Where the barcodes lie that say a number."""
    found = zxingcpp.read_barcodes(image.convert("L"), formats=FORMATS)
    corners = [
        [(at.x, at.y) for at in (p.top_left, p.top_right, p.bottom_left, p.bottom_right)]
        for p in (one.position for one in found if number in one.text.upper())
    ]
    return [(min(x for x, _ in c), min(y for _, y in c), max(x for x, _ in c), max(y for _, y in c)) for c in corners]


def barcodes_at(image: Image.Image, angle: float) -> list[str]:
    """A second look at a label whose lines of text run at an angle (degrees, clockwise): straightened and sharpened."""
    grey = image.convert("L")
    grey.thumbnail((LONGEST_RETRIED, LONGEST_RETRIED))
    if abs(angle) > 1:
        grey = grey.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return barcodes_in(grey.filter(ImageFilter.GaussianBlur(0.8)).filter(ImageFilter.UnsharpMask(4, 300)))
