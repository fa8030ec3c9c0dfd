"""Who speaks to those who listen instead of looking, and what Qt leaves out."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

# A property of widgets that say themselves what is selected, while they have the keyboard: nobody else says it then.
TELLS = "tells_selection"


def describe_choices(inside: QWidget) -> None:
    """On Linux Qt names a list of choices by what is chosen; so its name is the first that is told about it, too."""
    for box in inside.findChildren(QComboBox):
        name, more = box.accessibleName(), box.accessibleDescription()
        if not more.startswith(name):
            box.setAccessibleDescription(f"{name}. {more}" if more else name)
