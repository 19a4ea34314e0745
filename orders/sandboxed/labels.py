"""The print of a label, by OCR, beside its barcodes. The engine takes seconds to load: once in a process. Runs in the
sandbox alone."""

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import cast

import numpy as np
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from kernel.sandboxed.pictures import open_picture, written_jpeg
from orders.sandboxed.barcodes import Box, boxes_of, codes_at, codes_in

SETTINGS = {"Global.max_side_len": 1280, "Rec.rec_batch_num": 1, "Global.log_level": "error"}
Line = tuple[str, float, float, float, float, float, float]  # as orders.labels.lines.Line


def look(content: bytes) -> Iterator[bytes]:
    """What the barcodes of a photo say and its lines of print, as JSON."""
    image = open_picture(content)
    yield json.dumps([codes_in(image), lines_in(image)]).encode()


def look_again(content: bytes, angle: float) -> Iterator[bytes]:
    """What the barcodes say once the label is turned upright and sharpened, as JSON."""
    yield json.dumps(codes_at(open_picture(content), angle)).encode()


def crop(content: bytes, number: str, printed: list[Box], longest_side: int) -> Iterator[bytes]:
    """The part of a label that shows a number, as JPEG: where a barcode says it, else where it is printed. Nothing
    where neither is found."""
    image = open_picture(content)
    boxes = boxes_of(image, number) or printed  # a label repeats its number at the edges: the largest is enough
    if not boxes:
        return
    left, top, right, bottom = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    margin = 0.04 * max(image.size)
    inside = max(0, int(left - margin)), max(0, int(top - margin))
    part = image.crop((*inside, min(image.width, int(right + margin)), min(image.height, int(bottom + margin))))
    yield written_jpeg(part, longest_side)


@cache
def _engine() -> RapidOCR:
    return RapidOCR(params=SETTINGS)


def lines_in(image: Image.Image) -> list[Line]:
    found = cast(RapidOCROutput, _engine()(np.asarray(image)[:, :, ::-1]))  # of an engine that looks for all three
    boxes = found.boxes if found.boxes is not None else ()
    return [
        _line(text, score, box) for text, score, box in zip(found.txts or (), found.scores or (), boxes, strict=True)
    ]


def _line(text: str, score: float, box: np.ndarray) -> Line:
    (x, y), edges = box.mean(axis=0), (box[1] - box[0], box[2] - box[1])
    short, long = sorted(edges, key=lambda edge: float(np.hypot(*edge)))
    angle = math.degrees(math.atan2(float(long[1]), float(long[0])))
    angle = (angle + 90) % 180 - 90  # which way it reads, its edges do not tell
    return text.strip(), float(x), float(y), angle, float(np.hypot(*long)), float(np.hypot(*short)), float(score)
