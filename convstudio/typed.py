"""What stands in a field that somebody has not left yet."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget


def take_typed(inside: QWidget) -> None:
    """Counts from now on as if the keyboard had left its field, which it has not: keys and toolbars leave it there."""
    field = QApplication.focusWidget()
    if field is None or not inside.isAncestorOf(field):
        return
    if isinstance(field, QAbstractSpinBox):
        field.interpretText()
    elif isinstance(field, QLineEdit):
        field.editingFinished.emit()
