"""A photo of a label, read: barcode first, then text; the two together say what a person would read."""

import math
import time
from dataclasses import dataclass

from PIL import Image

from orders.labels.barcode import Box, barcodes_at, barcodes_in, boxes_of
from orders.labels.fields import Fields, fields_of
from orders.labels.text import Line, lines_in, text_angle
from orders.words import number_in

SHORTEST = 9  # characters of a waybill


@dataclass(frozen=True)
class LabelReading:
    """`method` is barcode or ocr, "" where no waybill was read; a number from ocr is to be confirmed by a person."""

    fields: Fields
    method: str
    seconds: float
    lines: tuple[Line, ...] = ()


def read_label(image: Image.Image) -> LabelReading:
    """Reads one label. Takes the time of one barcode search and one OCR, and a little for a second look."""
    began = time.monotonic()
    barcode = _waybill_in(barcodes_in(image))
    lines = lines_in(image)
    if not barcode and lines:
        barcode = _waybill_in(barcodes_at(image, text_angle(lines)))
    fields = fields_of(lines, barcode)
    method = "barcode" if barcode else "ocr" if fields.waybill else ""
    return LabelReading(fields, method, round(time.monotonic() - began, 3), tuple(lines))


def waybill_by_barcode(image: Image.Image) -> str:
    """The waybill, if a barcode says it at first look: a tenth of a second, without the OCR."""
    return _waybill_in(barcodes_in(image))


def cropped(image: Image.Image, reading: LabelReading) -> Image.Image | None:
    """The part of a label that shows the barcode and the number, and nothing of the receiver; None where neither is
    found."""
    number = reading.fields.waybill
    if not number:
        return None
    named = [_box_of(line) for line in reading.lines if number in "".join(line.text.upper().split())]
    boxes = boxes_of(image, number) or named  # a label repeats its number at the edges: the largest is enough
    if not boxes:
        return None
    left, top, right, bottom = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    margin = 0.04 * max(image.size)
    inside = max(0, int(left - margin)), max(0, int(top - margin))
    return image.crop((*inside, min(image.width, int(right + margin)), min(image.height, int(bottom + margin))))


def _box_of(line: Line) -> Box:
    """The upright box around a line of text that runs at an angle."""
    angle = math.radians(line.angle)
    width = abs(line.length * math.cos(angle)) + abs(line.thickness * math.sin(angle))
    height = abs(line.length * math.sin(angle)) + abs(line.thickness * math.cos(angle))
    return line.x - width / 2, line.y - height / 2, line.x + width / 2, line.y + height / 2


def _waybill_in(texts: list[str]) -> str:
    numbers = (number_in(text) for text in texts)
    return next((number for number in numbers if len(number) >= SHORTEST and any(c.isdigit() for c in number)), "")
