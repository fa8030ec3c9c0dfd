"""A thousand edits of every kind leave nothing behind: no memory, no items on the canvas, no objects of Qt."""

from __future__ import annotations

import gc
import random
import weakref
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import Canvas
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.panels.palette import PalettePanel
from convstudio.panels.problems import ProblemsPanel
from engine.templates import template
from tests.convstudio.random_edits import edit_at_random

EDITS, IN_A_HISTORY, AT_ONCE = 1000, 250, 50  # in all, before the document is closed, and before the window draws
PYTHON_OBJECTS, RESIDENT_BYTES = 500, 24_000_000  # what may remain: caches of Python, fonts and pixels of Qt
PAGE = 4096


class Editor(QWidget):
    """All that follows the document while one edits."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.canvas = Canvas(document)
        self.panels = InspectorPanel(document), PalettePanel(document), ProblemsPanel(document)
        row = QHBoxLayout(self)
        for widget in (self.canvas, *self.panels):
            row.addWidget(widget)


def edit(document: Document, draw: random.Random, times: int) -> None:
    """Edits, with the selection and the window following them."""
    for _ in range(times // AT_ONCE):
        edit_at_random(document, draw, AT_ONCE)
        document.select(draw.sample([node.id for node in document.graph], min(2, len(document.graph.nodes))))
        QApplication.processEvents()
    document.replace(Project(template("lenet5")))
    settle()


def settle() -> None:
    """What is to be deleted is deleted now."""
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


def census(editor: Editor) -> Counter[str]:
    """How many of each class of Qt there are."""
    return Counter(type(thing).__name__ for thing in editor.findChildren(QObject))


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def test_a_thousand_random_edits_leave_nothing_behind(qtbot: QtBot) -> None:
    document, draw = Document(Project(template("lenet5"))), random.Random(7)
    editor = Editor(document)
    qtbot.addWidget(editor)
    editor.resize(1200, 700)
    editor.show()
    for _ in range(2):
        edit(document, draw, IN_A_HISTORY)  # what is made once is made now
    scene = editor.canvas.scene_
    objects, items, tops = census(editor), len(scene.items()), len(QApplication.topLevelWidgets())
    first, resident = weakref.ref(document.project), resident_bytes()
    python = len(gc.get_objects())
    for _ in range(EDITS // IN_A_HISTORY):
        edit(document, draw, IN_A_HISTORY)
    assert first() is None
    assert census(editor) == objects
    assert len(scene.items()) == items == len(scene.cards) + len(scene.wires)
    assert len(QApplication.topLevelWidgets()) == tops
    assert len(gc.get_objects()) - python < PYTHON_OBJECTS
    assert resident_bytes() - resident < RESIDENT_BYTES


def test_a_canvas_that_is_closed_goes_with_its_document(qapp: QApplication) -> None:
    document = Document(Project(template("lenet5")))
    canvas = Canvas(document)
    canvas.show()
    canvas.quick_add_next()
    canvas.edit_in_place("conv1")
    canvas.menus.of_selection().close()
    gone = weakref.ref(canvas), weakref.ref(document)
    canvas.close()
    canvas.deleteLater()
    del canvas, document
    settle()
    assert [ref() for ref in gone] == [None, None]
