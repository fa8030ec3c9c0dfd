"""The first page: begin anew, from a template or where one stopped."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from convstudio.canvas.tensor_block import SLOPE, box, paint_block
from convstudio.document.recent import RecentFiles
from convstudio.look.icons import symbol
from convstudio.look.letters import font, wear
from convstudio.look.theme import radius, space, theme
from convstudio.wording import apart, on_button, thousands
from engine.graph import Graph
from engine.shapes import Inference, infer
from engine.templates import Template, templates

CARD_WIDTH_PX, WIDEST_PX, PICTURE_PX, FEWEST = 272, 352, 72, 2
SHOWN = ("convolution", "pooling", "dense", "data", "merge")  # categories whose results are in the picture
MOST_BLOCKS, MOST_RECENT = 8, 5
WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
FIRST = ("lenet5", "mnist_cnn", "deep_mnist", "mlp", "mnist1d_cnn", "resnet20")  # small ones that train at once


class WelcomePage(QWidget):
    """Shown where there is nothing to show yet."""

    new_wanted = Signal()
    pattern_wanted = Signal()
    tour_wanted = Signal()
    template_chosen = Signal(str)
    file_chosen = Signal(object)  # a Path

    def __init__(self, recent: RecentFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, TemplateCard] = {}
        self.setAccessibleName("Welcome")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(space(6), space(6), space(6), space(6))
        column.setSpacing(space(4))
        title = QLabel("Understand convolutional networks")
        wear(title, "display")
        quiet = QLabel("Compose one with the mouse, see what each layer does to the shape, and why.")
        quiet.setProperty("role", "quiet")
        for label in (title, quiet):
            label.setWordWrap(True)
        column.addWidget(title)
        column.addWidget(quiet)
        column.addLayout(self._beginnings())
        self.recent, self._recent, self._paths = QVBoxLayout(), recent, tuple[Path, ...]()
        self.recent.setSpacing(space(2))
        self.show_recent()
        column.addLayout(self.recent)
        column.addWidget(_heading("Templates"))
        column.addWidget(self._templates())
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it scrolls to the button that has it
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _beginnings(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space(2))
        for text, sign, wanted in (
            ("New network", "new", self.new_wanted),
            ("From a pattern …", "layout", self.pattern_wanted),
            ("Two-minute tour", "help", self.tour_wanted),
        ):
            button = QPushButton(symbol(sign), f" {text}")
            button.clicked.connect(partial(wanted.emit))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def event(self, event: QEvent) -> bool:
        """Where one comes back to it, other windows may have saved files, or files may be gone."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.WindowActivate):
            self.show_recent()
        return super().event(event)

    def show_recent(self) -> None:
        """The files that were used last."""
        paths = self._recent.paths()[:MOST_RECENT]
        if paths == self._paths:
            return
        self._paths = paths
        while (item := self.recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if paths:
            self.recent.addWidget(_heading("Recent files"))
        for path in paths:
            button = RecentFile(path)
            button.clicked.connect(partial(self.file_chosen.emit, Path(path)))
            self.recent.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _templates(self) -> QWidget:
        shelf = _Shelf()
        for found in _ordered():
            card = TemplateCard(found)
            card.clicked.connect(partial(self.template_chosen.emit, found.name))
            self.cards[found.name] = card
        shelf.fill(list(self.cards.values()))
        return shelf


class RecentFile(QPushButton):
    """Its name and its folder, as much of them as there is room for."""

    def __init__(self, path: Path) -> None:
        self._words = f"{apart(path.name)}   –   {apart(str(path.parent))}"
        super().__init__(on_button(self._words))
        self.setFlat(True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{path.name} – {path.parent}")
        self.setToolTip(str(path))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        room = self.fontMetrics().horizontalAdvance(self._words) + 2 + 2 * space(4)  # it rounds down
        return QSize(room, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        room = self.width() - 2 * space(4)
        self.setText(on_button(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, room)))


class _Shelf(QWidget):
    """Cards beside each other, as many as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[TemplateCard] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(space(4))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def fill(self, cards: list[TemplateCard]) -> None:
        """Puts the cards on the shelf, all of them as high as the highest."""
        self._cards = cards
        self._widen(CARD_WIDTH_PX)
        self._arrange(FEWEST)

    def _widen(self, width: int) -> None:
        height = max(card.height_for_text(width) for card in self._cards)
        for card in self._cards:
            card.setFixedSize(width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        super().resizeEvent(event)
        wide = event.size().width() + space(4)
        columns = max(1, wide // (CARD_WIDTH_PX + space(4)))
        self._widen(max(CARD_WIDTH_PX, min(WIDEST_PX, wide // columns - space(4))))
        self._arrange(columns)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, number // columns, number % columns)
        for column in range(max(columns, self._columns) + 1):
            self._grid.setColumnStretch(column, int(column == columns))
        self._columns = columns


def _ordered() -> Iterable[Template]:
    every = templates()
    return [every[name] for name in FIRST] + [found for name, found in every.items() if name not in FIRST]


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    wear(label, "title")
    return label


class TemplateCard(QAbstractButton):
    """A template with its picture, its paragraph and its size."""

    def __init__(self, found: Template) -> None:
        super().__init__()
        self.found = found
        self.setText(found.title)
        self.setAccessibleDescription(found.paragraph)
        self.setToolTip(found.paragraph)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @cached_property
    def _network(self) -> tuple[Graph, Inference]:
        """Read when the card is seen for the first time: most of them are further down."""
        graph = self.found.load()
        return graph, infer(graph)

    def height_for_text(self, width: int) -> int:
        """In which the picture and all words have room, however large they are."""
        paragraph = QFontMetrics(font("caption")).boundingRect(
            QRect(0, 0, width - 2 * space(3), 0), WRAP, self.found.paragraph
        )
        words = self._line_px + self._count_px + paragraph.height()
        return PICTURE_PX + words + 2 * space(3) + 3 * space(2)

    @property
    def _line_px(self) -> int:
        return max(20, QFontMetrics(font("strong")).height())

    @property
    def _count_px(self) -> int:
        return QFontMetrics(font("caption")).height()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colors, painter = theme(), QPainter(self)
        graph, inference = self._network
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.hasFocus()
        painter.setPen(
            QPen(colors.color("accent" if chosen else "edge" if self.underMouse() else "border"), 1 + chosen)
        )
        painter.setBrush(colors.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius("card"), radius("card"))
        inner = QRectF(self.rect()).adjusted(space(3), space(3), -space(3), -space(3))
        paint_network(painter, graph, inference, QRectF(inner.left(), inner.top(), inner.width(), PICTURE_PX))
        top = inner.top() + PICTURE_PX + space(2)
        line = QRectF(inner.left(), top, inner.width(), self._line_px)
        painter.setFont(font("strong"))
        painter.setPen(colors.color("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self.found.title)
        painter.setFont(font("caption"))
        painter.setPen(colors.color("text_quiet"))
        count = QRectF(inner.left(), line.bottom(), inner.width(), self._count_px)
        painter.drawText(count, Qt.AlignmentFlag.AlignLeft, f"{thousands(inference.parameter_count)} parameters")
        top = count.bottom() + space(2)
        rest = QRectF(inner.left(), top, inner.width(), inner.bottom() - top)
        painter.drawText(rest, WRAP, self.found.paragraph)


def paint_network(painter: QPainter, graph: Graph, inference: Inference, place: QRectF) -> None:
    """What flows through a network as a row of boxes: one sees it narrow and deepen."""
    nodes = [n for n in graph.order if n.layer.category in SHOWN and n.id in inference.nodes]
    step = max(1, -(-len(nodes) // MOST_BLOCKS))
    shown = [*nodes[:-1:step], nodes[-1]]
    pitch = place.width() / len(shown)
    room = QRectF(0, 0, place.height() * 0.8, place.height() * 0.8)
    for number, node in enumerate(shown):
        shape = inference.nodes[node.id].output
        width, _, depth = box(shape, room)
        area = QRectF(0, 0, width + depth * SLOPE, place.height())
        area.moveCenter(QPointF(place.left() + (number + 0.5) * pitch, place.center().y()))
        paint_block(painter, shape, _square(area, room), theme().category(node.layer.category))


def _square(area: QRectF, room: QRectF) -> QRectF:
    """The place whose block ends where the area does."""
    return QRectF(area.right() - room.width(), area.center().y() - room.height() / 2, room.width(), room.height())
