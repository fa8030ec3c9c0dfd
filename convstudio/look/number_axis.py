"""The axis of a chart, with numbers written as everywhere else."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg

from convstudio.look.letters import font
from convstudio.look.theme import theme
from convstudio.wording import thousands
from engine.numerals import written

MOST_WHOLE = 1e6  # from here on whole numbers are powers of ten, too: there is no room for their zeros
HIGHEST_POWER = 300  # that floating-point numbers have


class NumberAxis(pg.AxisItem):
    """10 000, 0.05, 5 × 10⁻⁶; on a logarithmic axis 10⁻⁴."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def restyle(self) -> None:
        """The theme's colours, and the system's letters."""
        look = theme()
        self.label.setFont(font("body"))
        self.setPen(pg.mkPen(look.color("border")))
        self.setTextPen(look.color("text_quiet"))
        self.setTickFont(font("caption"))
        self.resizeEvent()  # the label takes its place

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802  (its name)
        if self.logMode:
            return [written(10.0 ** min(value, HIGHEST_POWER), 1) for value in values]
        places = f"{spacing * scale:.15f}".rstrip("0").partition(".")[2]
        return [_place(value * scale, len(places), spacing * scale) for value in values]


def _place(value: float, decimals: int, spacing: float) -> str:
    """All numbers of an axis have as many decimals, as far as they are no powers of ten."""
    if abs(value) < spacing / 2:  # rounding leaves 10⁻¹⁷ where zero is meant
        return "0"
    if value == round(value) and abs(value) < MOST_WHOLE and not decimals:
        return thousands(round(value))
    text = written(value)
    return text if "×" in text or abs(value) >= MOST_WHOLE else f"{value:.{decimals}f}".replace("-", "−")
