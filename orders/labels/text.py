"""The lines of text on a label, by OCR. The engine takes seconds to load: once in a process, and not in the server."""

import importlib
import math
import threading
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

SETTINGS = {"Global.max_side_len": 1280, "Rec.rec_batch_num": 1, "Global.log_level": "error"}
_turn = threading.Lock()  # one picture at a time: the engine uses all cores itself


@dataclass(frozen=True)
class Line:
    """A line of text, where its middle lies (pixels, y downwards), how it runs (degrees, clockwise, -90 to 90), how
    long and how thick it is (pixels), how sure the OCR is of it (0 to 1)."""

    text: str
    x: float
    y: float
    angle: float = 0.0
    length: float = 0.0
    thickness: float = 0.0
    score: float = 1.0


def text_angle(lines: list[Line]) -> float:
    """How the text of a label runs (degrees, clockwise), from its longer half; 0 where there is none."""
    longest = sorted(lines, key=lambda line: -line.length)[: max(1, len(lines) // 2)]
    return median(line.angle for line in longest) if longest else 0.0


@cache
def _engine() -> Any:
    """Loaded where the first label is read, not where this module is: the server only hands photos to the worker."""
    return importlib.import_module("rapidocr").RapidOCR(params=SETTINGS)


def lines_in(image: Image.Image) -> list[Line]:
    with _turn:
        found = _engine()(np.asarray(image)[:, :, ::-1])
    boxes = found.boxes if found.boxes is not None else ()
    return [
        _line(text, score, box) for text, score, box in zip(found.txts or (), found.scores or (), boxes, strict=True)
    ]


def _line(text: str, score: float, box: np.ndarray) -> Line:
    (x, y), edges = box.mean(axis=0), (box[1] - box[0], box[2] - box[1])
    short, long = sorted(edges, key=lambda edge: float(np.hypot(*edge)))
    angle = math.degrees(math.atan2(float(long[1]), float(long[0])))
    angle = (angle + 90) % 180 - 90  # which way it reads, its edges do not tell
    return Line(text.strip(), float(x), float(y), angle, float(np.hypot(*long)), float(np.hypot(*short)), float(score))
