"""A line of print as the OCR sees it."""

from dataclasses import dataclass
from statistics import median


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
