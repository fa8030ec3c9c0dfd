"""What stands in a field that somebody has not left yet."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget


def take_typed(inside: QWidget) -> None:
    """Counts from now on as if the keyboard had left its field, which it has not: keys and toolbars leave it there.

    A panel that floats has a window of its own, and a window that is not in front keeps which field the keyboard is in.
    """
    for field in {inside.window().focusWidget(), QApplication.focusWidget()}:
        if field is None or not _belongs(field, inside):
            continue
        if isinstance(field, QAbstractSpinBox):
            field.interpretText()
        elif isinstance(field, QLineEdit):
            field.editingFinished.emit()


def _belongs(field: QWidget, inside: QWidget) -> bool:
    """Unlike Qt's `isAncestorOf`, over the borders of windows."""
    around: QWidget | None = field
    while around is not None and around is not inside:
        around = around.parentWidget()
    return around is inside
