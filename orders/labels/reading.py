"""A photo of a label, read: its barcodes and its text are weighed together, as a person would look at both."""

import math
import time
from dataclasses import dataclass

from PIL import Image

from orders.labels.barcode import Box, boxes_of, codes_at, codes_in
from orders.labels.fields import Fields, fields_of
from orders.labels.text import Line, lines_in, text_angle
from orders.labels.weighing import Known, nobody_knows, weigh


@dataclass(frozen=True)
class LabelReading:
    """`method` is barcode or ocr, "" where no waybill was read; what is not certain is a person's to confirm."""

    fields: Fields
    method: str
    seconds: float
    lines: tuple[Line, ...] = ()


def read_label(image: Image.Image, known: Known = nobody_knows) -> LabelReading:
    """Reads one label. Takes the time of one barcode search and one OCR, and a little for a second look."""
    began = time.monotonic()
    codes = codes_in(image)
    lines = lines_in(image)
    fields = fields_of(lines, codes, known)
    if lines and fields.sure < 1:
        seen = {code.text for code in codes}
        more = [code for code in codes_at(image, text_angle(lines)) if code.text not in seen]
        fields = fields_of(lines, [*codes, *more], known) if more else fields
    method = "ocr" if fields.source == "ocr" else "barcode" if fields.waybill else ""
    return LabelReading(fields, method, round(time.monotonic() - began, 3), tuple(lines))


def waybill_by_barcode(image: Image.Image, known: Known = nobody_knows) -> str:
    """The waybill, if the barcodes leave no other at first look: a tenth of a second, without the OCR."""
    weighed = weigh(codes_in(image), known=known)
    return weighed.number if weighed.sure == 1 else ""


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
