"""What forms are put together from."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from convstudio.look.theme import font, space


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(font("title"))
    label.setWordWrap(True)
    return label


def quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    label.setWordWrap(True)
    return label


def label(text: str, help: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    label.setToolTip(help)
    return label


def line(text: str, name: str) -> QLineEdit:
    line = QLineEdit(text)
    line.setAccessibleName(name)
    return line


def narrow(widget: QWidget) -> None:
    """Lets a field be as narrow as its panel, however long its text is."""
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())


def new_form(column: QVBoxLayout) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(space(3))
    form.setVerticalSpacing(space(2))
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    column.addLayout(form)
    return form
