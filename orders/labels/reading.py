"""A photo of a label, read: its barcodes and its text are weighed together, as a person would look at both. The photo
itself is opened in the sandbox; what it shows comes back as text."""

import json
import math
import time
from dataclasses import dataclass

from kernel.pictures import picture_errors, pictures
from kernel.sandbox import Sandbox
from orders.labels.fields import Fields, fields_of
from orders.labels.lines import Line, text_angle
from orders.labels.weighing import Code, Known, nobody_knows, weigh

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels
prints = Sandbox(memory=2048, seconds=60, output=32, most=1)  # the OCR's engine loads once, and uses all cores itself


@dataclass(frozen=True)
class LabelReading:
    """`method` is barcode or ocr, "" where no waybill was read; what is not certain is a person's to confirm."""

    fields: Fields
    method: str
    seconds: float
    lines: tuple[Line, ...] = ()


def read_label(content: bytes, known: Known = nobody_knows) -> LabelReading:
    """Reads one label. Takes the time of one barcode search and one OCR, and a little for a second look. Raises
    UnreadablePicture, PictureTooLarge."""
    began = time.monotonic()
    with picture_errors():
        seen, printed = json.loads(prints.answer("orders.sandboxed.labels:look", content))
    codes, lines = _codes(seen), [Line(*line) for line in printed]
    fields = fields_of(lines, codes, known)
    if lines and fields.sure < 1:
        with picture_errors():
            again = prints.answer("orders.sandboxed.labels:look_again", content, angle=text_angle(lines))
        texts = {code.text for code in codes}
        more = [code for code in _codes(json.loads(again)) if code.text not in texts]
        fields = fields_of(lines, [*codes, *more], known) if more else fields
    method = "ocr" if fields.source == "ocr" else "barcode" if fields.waybill else ""
    return LabelReading(fields, method, round(time.monotonic() - began, 3), tuple(lines))


def first_look(content: bytes, longest_side: int, known: Known = nobody_knows) -> tuple[str, bytes]:
    """The waybill, if the barcodes leave no other at first look ("" if they do): a tenth of a second, without the OCR;
    and the photo written anew. Raises UnreadablePicture, PictureTooLarge."""
    with picture_errors():
        told = pictures.answer("orders.sandboxed.barcodes:look", content, longest_side=longest_side)
    codes, _, photo = told.partition(b"\n")
    weighed = weigh(_codes(json.loads(codes)), known=known)
    return weighed.number if weighed.sure == 1 else "", photo


def cropped(content: bytes, reading: LabelReading, longest_side: int) -> bytes:
    """The part of a label that shows the barcode and the number, and nothing of the receiver, as JPEG; nothing where
    neither is found."""
    number = reading.fields.waybill
    if not number:
        return b""
    printed = [_box_of(line) for line in reading.lines if number in "".join(line.text.upper().split())]
    said = {"number": number, "printed": printed, "longest_side": longest_side}
    with picture_errors():
        return prints.answer("orders.sandboxed.labels:crop", content, **said)


def _codes(seen: list[list[object]]) -> list[Code]:
    return [Code(str(text), bool(matrix), int(str(times)), bool(goods)) for text, matrix, times, goods in seen]


def _box_of(line: Line) -> Box:
    """The upright box around a line of text that runs at an angle."""
    angle = math.radians(line.angle)
    width = abs(line.length * math.cos(angle)) + abs(line.thickness * math.sin(angle))
    height = abs(line.length * math.sin(angle)) + abs(line.thickness * math.cos(angle))
    return line.x - width / 2, line.y - height / 2, line.x + width / 2, line.y + height / 2
