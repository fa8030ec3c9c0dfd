"""The window: networks to choose from on the left, what the chosen one is made of on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from convstudio.layer_table import LayerTable
from convstudio.wording import kilobytes, thousands
from engine.errors import EngineError
from engine.graph import Graph, load
from engine.shapes import Inference
from engine.templates import template, template_names

LIST_WIDTH_PX = 240
ROW_HEIGHT_PX = 28
SPACE_PX = 16
CELLS = f"""
    QListView::item {{ min-height: {ROW_HEIGHT_PX}px; padding: 0 8px; }}
    QTableView::item {{ padding: 0 8px; }}
    QHeaderView::section {{ border: none; min-height: {ROW_HEIGHT_PX}px; padding: 0 11px; }}
"""


class MainWindow(QMainWindow):
    """Shows networks: their layers, shapes, parameters and problems."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("ConvStudio")
        self.resize(1280, 800)
        self.setStyleSheet(CELLS)
        self.layers = LayerTable(self)
        self.templates = self._template_list()
        self.title, self.description, self.problems = QLabel(), QLabel(), QLabel()
        self.totals = QLabel()
        self._lay_out()
        self._add_menu()
        self.templates.currentItemChanged.connect(self._show_template)
        self.templates.setCurrentRow(template_names().index("lenet5"))

    def show_network(self, graph: Graph) -> None:
        """Shows this network instead of the one before."""
        inference = self.layers.show(graph)
        self.title.setText(graph.name)
        self.description.setText(graph.description)
        self.description.setVisible(bool(graph.description))
        self._say("\n".join(problem.text for problem in inference.problems))
        self.totals.setText(totals(inference))
        self.setWindowTitle(f"{graph.name} – ConvStudio")

    def open_file(self, path: Path | str) -> None:
        """Shows the network of a file, or says why that is not possible and keeps the one shown."""
        try:
            graph = load(path)
        except EngineError as problem:
            self._say(str(problem))
            return
        self.templates.setCurrentIndex(QModelIndex())
        self.show_network(graph)

    def _say(self, text: str) -> None:
        self.problems.setText(text)
        self.problems.setVisible(bool(text))

    def _show_template(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_network(template(item.data(Qt.ItemDataRole.UserRole)))

    def _ask_for_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open network", filter="Networks (*.json)")
        if path:
            self.open_file(path)

    def _template_list(self) -> QListWidget:
        names = QListWidget()
        names.setAccessibleName("Templates")
        names.setFrameShape(QFrame.Shape.NoFrame)
        for name in template_names():
            item = QListWidgetItem(template(name).name, names)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(template(name).description)
        return names

    def _lay_out(self) -> None:
        for label in (self.title, self.description, self.problems):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)  # a file's text is shown, never interpreted
        self.title.setFont(_title_font(self.font()))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        for widget in (self.title, self.description, self.problems):
            column.addWidget(widget)
        column.addWidget(_table_view(self.layers), 1)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.templates)
        splitter.addWidget(page)
        splitter.setSizes([LIST_WIDTH_PX, self.width() - LIST_WIDTH_PX])
        splitter.setStretchFactor(1, 1)
        self.setCentralWidget(splitter)
        self.statusBar().addWidget(self.totals)

    def _add_menu(self) -> None:
        menu = self.menuBar().addMenu("&File")
        menu.addAction("&Open network…", QKeySequence.StandardKey.Open, self._ask_for_file)
        menu.addSeparator()
        menu.addAction("&Quit", QKeySequence.StandardKey.Quit, self.close)


def totals(inference: Inference) -> str:
    """The whole network in one line."""
    return (
        f"{thousands(inference.parameter_count)} parameters · {thousands(inference.multiply_adds)} multiply-adds and "
        f"{kilobytes(inference.memory_bytes)} of memory for one sample"
    )


def _title_font(body: QFont) -> QFont:
    font = QFont(body)
    font.setPointSizeF(body.pointSizeF() + 3)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _table_view(layers: LayerTable) -> QTableView:
    view = QTableView()
    view.setAccessibleName("Layers")
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setShowGrid(False)
    view.setModel(layers)
    view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT_PX)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)  # the settings take what the figures leave
    return view
