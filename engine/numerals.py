"""How numbers read wherever there is room for few digits: 0.001, 12.5, 1.2 × 10⁻⁸, with a true minus."""

from __future__ import annotations

from math import isfinite

USUAL = 6  # digits, where nobody says how many
SMALLEST_PLAIN, LARGEST_PLAIN = -4, 5  # powers of ten between which a number needs none
TINY_SPACE = "\u202f"  # keeps a number on one line
TIMES_TEN = f"{TINY_SPACE}×{TINY_SPACE}10"
RAISED, MINUS_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹", "⁻"


def written(value: float, digits: int = USUAL) -> str:
    """Rounded to so many digits, without zeros that say nothing; all digits of whole numbers below 100 000."""
    if not isfinite(value):
        return str(value).replace("inf", "∞").replace("-", "−")
    if not value:
        return "0"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if SMALLEST_PLAIN <= power < max(digits, LARGEST_PLAIN):
        return _plain(f"{value:.{max(0, digits - 1 - power)}f}")
    return _plain(mantissa) + TIMES_TEN + superscript(power)


def read(text: str) -> float:
    """A number as people type it or `written` writes it: 1e-8, 0,5, −2, 1.2 × 10⁻⁸. ValueError for anything else."""
    plain = "".join(text.split()).replace(",", ".").replace("−", "-")
    mantissa, times, power = plain.partition("×10")
    if not times:
        return float(plain)
    lowered = power.removeprefix("^").translate(str.maketrans(RAISED + MINUS_RAISED, "0123456789-"))
    return float(f"{mantissa}e{int(lowered)}")


def superscript(whole: int) -> str:
    """⁻¹²"""
    return "".join(RAISED[int(digit)] if digit.isdigit() else MINUS_RAISED for digit in str(whole))


def _plain(text: str) -> str:
    """Digits without zeros behind the point, with a true minus."""
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
