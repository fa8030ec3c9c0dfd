"""What the pages of the data panel have in common: words for the parts of a data set, and texts that change."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

PART_TITLES = {"train": "Training", "validation": "Validation", "test": "Test"}


def restyle(text: QLabel, role: str) -> None:
    """Shows a text as quiet, or as an error."""
    if text.property("role") != role:
        text.setProperty("role", role)
        text.style().unpolish(text)
        text.style().polish(text)
