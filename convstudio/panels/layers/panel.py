"""The layers panel: the whole network as a table that is sorted, walked through and edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QToolTip, QVBoxLayout, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.edit import Edit
from convstudio.look.icons import symbol
from convstudio.look.sheet import CELL_PX
from convstudio.look.theme import appearance, space
from convstudio.panels.layers.columns import NAME, PROBLEM
from convstudio.panels.layers.model import LayersModel
from convstudio.panels.layers.rows import made
from convstudio.panels.layers.view import LayersTable
from engine.errors import EngineError
from engine.health import Finding
from engine.spec import make

EMPTY = "The network has no layers yet. It begins with an input; the others follow it."
FLAGS = QItemSelectionModel.SelectionFlag


class LayersPanel(QWidget):
    """A line for each layer, and one for all of them."""

    explanation = (
        "Every layer of the network, in the order in which data pass through them: what it takes, the shape that it "
        "makes, and what it costs for one sample. Click on a column's name to sort, a third time to see the network's "
        "order again. What is selected here is selected on the canvas, and the other way round; Enter or a double- "
        "click shows the layer there, F2 writes another name, Delete deletes. Layers in a repeated block have one "
        "line: its shape is that of the first copy, its numbers count all copies. Try to sort LeNet-5 by parameters, "
        "then by multiply-adds: the layer with the most weights is not the one with the most work."
    )
    failed = Signal(str)
    visited = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setProperty("role", "panel")
        self.model = LayersModel(self._rename, self)
        self.table = LayersTable(self.model)
        self.empty = QLabel(EMPTY)
        self.empty.setProperty("role", "quiet")
        self.begin = QPushButton("Add an input")
        self.copy_text = QAction(symbol("copy"), "Copy the table as text", self)
        self.addAction(self.copy_text)  # stands in the panel's title
        self._findings: tuple[Finding, ...] = ()
        self._stale, self._following = True, False
        self._soon = QTimer(self)  # after the edit, which does not wait for it; several edits are followed at once
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._follow)
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4) - CELL_PX, 0, 0, 0)  # text begins where the title does
        column.setSpacing(space(3))
        column.addWidget(self.table, 1)
        column.addStretch()
        column.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self._show_emptiness()

    def _listen(self) -> None:
        self.document.inference_changed.connect(self._fall_behind)
        self.document.selection_changed.connect(self._follow_selection)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        self.table.visited.connect(self.visited)
        self.table.copied.connect(self._copy)
        self.table.deleted.connect(self._delete)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.begin.clicked.connect(self._begin)
        self.copy_text.triggered.connect(self._copy_text)
        appearance().changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.table.fit_columns(anew=False)
        self.table.viewport().update()

    # --- following the document --------------------------------------------------------------------------------------

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """What is wrong in training, beside the layers that it is about."""
        if self._findings != tuple(findings):
            self._findings = tuple(findings)
            self._fall_behind()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self._follow()
        self._follow_selection()

    def _fall_behind(self) -> None:
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def _follow(self) -> None:
        """The lines of now, where anybody sees them."""
        if not self._stale or not self.isVisible():
            return
        self._stale = False
        before, (name, column) = {row.name for row in self.model.rows}, self._current()
        self._following = True  # lines that come and go are nobody's choice
        self.model.show(made(self.document.project, self.document.inference, self._findings))
        if name is not None and self.model.name_at(self.table.currentIndex().row()) != name:
            self._stand_at(self.model.row_of(name), column)
        self._following = False
        now = {row.name for row in self.model.rows}
        self.table.fit_columns(anew=2 * len(before & now) < len(now))  # most of them are new: it is another network
        self._show_emptiness()
        self._follow_selection()

    def _show_emptiness(self) -> None:
        empty = not self.model.rows
        self.table.setHidden(empty)
        self.empty.setVisible(empty)
        self.begin.setVisible(empty)
        self.copy_text.setEnabled(not empty)

    # --- selecting, both ways ----------------------------------------------------------------------------------------

    def chosen(self) -> list[str]:
        """The layers whose lines are selected."""
        names = [self.model.name_at(index.row()) for index in self.table.selectionModel().selectedRows()]
        return [name for name in names if name is not None]

    def _choose(self, *_: QItemSelection) -> None:
        if not self._following:
            self.document.select(self.chosen())

    def _follow_selection(self) -> None:
        wanted = {name for name in self.document.selection if name in self.document.graph}
        if self._stale or not self.isVisible() or wanted == set(self.chosen()):
            return
        places = sorted(place for place, row in enumerate(self.model.rows) if row.name in wanted)
        lines = QItemSelection()
        for place in places:
            lines.select(self.model.index(place, 0), self.model.index(place, PROBLEM))
        self._following = True
        self.table.selectionModel().select(lines, FLAGS.ClearAndSelect)
        if places and self.table.currentIndex().row() not in places:
            self._stand_at(places[0], max(0, self.table.currentIndex().column()))
        self._following = False
        if places:
            self.table.scrollTo(self.model.index(places[0], max(0, self.table.currentIndex().column())))

    def _current(self) -> tuple[str | None, int]:
        index = self.table.currentIndex()
        return self.model.name_at(index.row()), index.column()

    def _stand_at(self, place: int | None, column: int) -> None:
        """Where the arrow keys go on from, without selecting it."""
        if place is not None:
            self.table.selectionModel().setCurrentIndex(self.model.index(place, column), FLAGS.NoUpdate)

    # --- editing -----------------------------------------------------------------------------------------------------

    def _rename(self, name: str, wanted: str) -> bool:
        """Whether the layer has the other name now; where it cannot, a sentence beside it says why."""
        return self._try(lambda: edits.rename(self.document.project, name, wanted), name)

    def _delete(self) -> None:
        chosen = self.chosen()
        if chosen:
            self._try(lambda: edits.delete(self.document.project, chosen))

    def _begin(self) -> None:
        self._try(lambda: edits.append(self.document.project, make("input")))

    def _try(self, make_edit: Callable[[], Edit], beside: str = "") -> bool:
        try:
            edit = make_edit()
        except EngineError as reason:
            self._refuse(str(reason), beside)
            return False
        self.document.perform(edit)
        self._follow()
        return True

    def _refuse(self, sentence: str, beside: str) -> None:
        self.failed.emit(sentence)
        if beside:
            QTimer.singleShot(0, self, lambda: self._say_beside(beside, sentence))  # once the field is gone

    def _say_beside(self, name: str, sentence: str) -> None:
        place = self.model.row_of(name)
        if place is not None:
            cell = self.table.visualRect(self.model.index(place, NAME))
            corner = self.table.viewport().mapToGlobal(cell.bottomLeft())
            QToolTip.showText(corner, sentence, self.table.viewport(), cell)

    def _copy(self) -> None:
        if self.chosen():
            text = edits.copy_text(self.document.project, self.chosen())
            QGuiApplication.clipboard().setText(text)

    def _copy_text(self) -> None:
        """For a spreadsheet, or a report."""
        QGuiApplication.clipboard().setText(self.model.as_text())

    # --- the menu ----------------------------------------------------------------------------------------------------

    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def menu(self) -> QMenu:
        """What can be done with the lines that are selected, with the keys that do it, too."""
        menu, chosen = QMenu(self), self.chosen()
        for text, keys, act, possible in (
            ("Show on the canvas", "Enter", lambda: self.visited.emit(chosen[0]), len(chosen) == 1),
            ("Rename", "F2", self.table.rename, len(chosen) == 1),
            ("Copy", "Ctrl+C", self._copy, bool(chosen)),
            ("Delete", "Del", self._delete, bool(chosen)),
        ):
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            action = menu.addAction(f"{text}\t{shown}")
            action.triggered.connect(lambda checked=False, act=act: act())
            action.setEnabled(possible)
        menu.addSeparator()
        menu.addAction(self.copy_text)
        return menu
