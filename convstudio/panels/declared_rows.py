"""The fields of a value with declared fields, as rows of a form."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFormLayout

from convstudio.panels.inspector.fields import EDITORS, FieldEditor
from convstudio.panels.inspector.parts import label, narrow
from engine.spec import Declared


class DeclaredRows:
    """Follows a value whose kind may change, as the optimiser's does: its fields are those of its kind."""

    def __init__(self, form: QFormLayout, edited: Callable[[str, Any], None], *, only: Collection[str] = ()) -> None:
        self.form, self._edited, self._only = form, edited, only
        self.editors: dict[str, FieldEditor] = {}
        self._kind: type[Declared] | None = None

    def show_value(self, value: Declared) -> None:
        """Shows what it holds; its rows are made anew where it is of another kind."""
        if type(value) is not self._kind:
            self._make_rows(value)
        for name, editor in self.editors.items():
            editor.show_value(getattr(value, name))

    def set_enabled(self, enabled: bool, but: Collection[str] = ()) -> None:
        """Whether the fields can be edited."""
        for name, editor in self.editors.items():
            editor.setEnabled(enabled or name in but)

    def _make_rows(self, value: Declared) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        self._kind, self.editors = type(value), {}
        for name in self._only or value.fields():
            field = value.fields()[name]
            editor = EDITORS[field.kind](field)
            editor.edited.connect(partial(self._edited, name))
            narrow(editor)
            self.editors[name] = editor
            self.form.addRow(label(field.label, field.help), editor)
