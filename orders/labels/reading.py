"""A photo of a label, read: barcode first, then text; the two together say what a person would read."""

import time
from dataclasses import dataclass

from PIL import Image

from orders.labels.barcode import barcodes_at, barcodes_in
from orders.labels.fields import Fields, fields_of
from orders.labels.text import lines_in, text_angle
from orders.words import number_in

SHORTEST = 9  # characters of a waybill


@dataclass(frozen=True)
class LabelReading:
    """`method` is barcode or ocr, "" where no waybill was read; a number from ocr is to be confirmed by a person."""

    fields: Fields
    method: str
    seconds: float


def read_label(image: Image.Image) -> LabelReading:
    """Reads one label. Takes the time of one barcode search and one OCR, and a little for a second look."""
    began = time.monotonic()
    barcode = _waybill_in(barcodes_in(image))
    lines = lines_in(image)
    if not barcode and lines:
        barcode = _waybill_in(barcodes_at(image, text_angle(lines)))
    fields = fields_of(lines, barcode)
    method = "barcode" if barcode else "ocr" if fields.waybill else ""
    return LabelReading(fields, method, round(time.monotonic() - began, 3))


def _waybill_in(texts: list[str]) -> str:
    numbers = (number_in(text) for text in texts)
    return next((number for number in numbers if len(number) >= SHORTEST and any(c.isdigit() for c in number)), "")
