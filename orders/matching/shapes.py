"""What a number looks like: whether it may be its courier's, and what went wrong where it may not.

A pattern is a hint (DOMAIN: lists of them overlap and grow old), so it accuses only where no label says what was
printed, nothing was recorded under the number, and the shop's own numbers do not show that the courier writes so too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from orders.models import Finding

CHARACTERS = "0123456789"
Code = Finding.Code


def shape(number: str) -> str:
    """«YT896O» → «AA999A»: letters and digits in their order."""
    return re.sub(r"[A-Z]", "A", re.sub(r"\d", "9", number))


@dataclass(frozen=True)
class Shapes:
    """Patterns by courier on a day, letters that are a strong sign of one, and whether a shop's own numbers of a
    courier look like this one."""

    patterns: dict[str, str]
    prefixes: dict[str, str]
    is_own: Callable[[str, str], bool]

    def fits(self, number: str, courier: str) -> bool:
        pattern = self.patterns.get(courier)
        return pattern is None or re.match(pattern, number) is not None

    def fault(self, number: str, courier: str) -> str | None:
        """How the platform's number is wrong for its courier; None where it fits or nothing can be said."""
        if self.fits(number, courier) or self.is_own(courier, number):
            return None
        if "O" in number and self.fits(number.replace("O", "0"), courier):
            return Code.LETTER_O_FOR_ZERO
        others = [code for code in self.patterns if code != courier and self.fits(number, code)]
        if any(prefix and number.startswith(prefix) for prefix in map(self.prefixes.get, others)):
            return Code.WRONG_COURIER
        if any(self.fits(number[:i] + c + number[i:], courier) for i in range(len(number) + 1) for c in CHARACTERS):
            return Code.MISSING_CHARACTER
        return Code.WRONG_COURIER if len(others) == 1 else None
