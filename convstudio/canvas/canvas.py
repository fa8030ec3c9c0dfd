"""The canvas: looks at the scene, and turns hands and keys into gestures and edits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QWidget

from convstudio.canvas.card import WIDTH
from convstudio.canvas.gestures.gesture import Gesture
from convstudio.canvas.gestures.move import Move
from convstudio.canvas.gestures.pan import Pan
from convstudio.canvas.gestures.select import Select
from convstudio.canvas.gestures.wiring import REACH_PX, Wiring
from convstudio.canvas.minimap import Minimap
from convstudio.canvas.problem_note import ProblemNote
from convstudio.canvas.quick_add import QuickAdd
from convstudio.canvas.scene import CanvasScene
from convstudio.canvas.walking import neighbour
from convstudio.canvas.wire import Wire
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.edits import Edit
from convstudio.look.theme import duration_ms
from engine.errors import EngineError
from engine.shapes import Problem
from engine.spec import Fix, Layer, make

LAYER_MIME = "application/x-convstudio-layer"
NEAREST, FARTHEST, NOTCH = 3.0, 0.1, 1.0015  # zoom, and its growth for each eighth of a degree of the wheel
FIT_MARGIN = 32.0
MULTI = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
NUDGE = 8.0


class Canvas(QGraphicsView):
    """Shows a document and lets one edit it by hand and by key."""

    said = Signal(str)  # why something could not be done
    details_wanted = Signal()  # Enter on a card: its settings, please
    zoom_changed = Signal(float)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        self.document = document
        self.scene_ = CanvasScene(document)
        super().__init__(self.scene_, parent)
        self.scene_.setParent(self)
        self.gesture: Gesture | None = None
        self._space_held = False
        self._lit: Wire | None = None
        self._adding: tuple[QPointF, str | None] = QPointF(), None
        self._quick_add: QuickAdd | None = None
        self._layout: QVariantAnimation | None = None
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.NoDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Network")
        self.minimap = Minimap(self)
        self.problem_note = ProblemNote(self)
        document.selection_changed.connect(self._announce)
        document.project_changed.connect(self._follow_map)
        self.zoom_changed.connect(self._follow_map)

    # --- what others ask for -----------------------------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """Tells why something could not be done."""
        self.said.emit(sentence)

    def zoom_to_fit(self) -> None:
        """Shows all of the network."""
        content = self.scene_.content()
        if content.isEmpty():
            self.resetTransform()
            self.centerOn(0, 0)
        else:
            room = content.adjusted(-FIT_MARGIN, -FIT_MARGIN, FIT_MARGIN, FIT_MARGIN)
            self.fitInView(room, Qt.AspectRatioMode.KeepAspectRatio)
            if self.zoom > 1:
                self.resetTransform()
                self.centerOn(content.center())
        self.zoom_changed.emit(self.zoom)

    def show_start(self) -> None:
        """Shows the beginning of the network at a size that can be read."""
        self.resetTransform()
        content = self.scene_.content()
        half = self.viewport().height() / 2
        self.centerOn(content.center().x(), content.top() + half - FIT_MARGIN)
        self.zoom_changed.emit(self.zoom)

    @property
    def zoom(self) -> float:
        return float(self.transform().m11())

    def zoom_by(self, factor: float) -> None:
        """Nearer or farther, within limits."""
        wanted = min(max(self.zoom * factor, FARTHEST), NEAREST)
        self.scale(wanted / self.zoom, wanted / self.zoom)
        self.zoom_changed.emit(self.zoom)

    def visible_centre(self) -> QPointF:
        return self.mapToScene(self.viewport().rect().center())

    def quick_add(self, place: QPointF | None = None, after: str | None = None) -> None:
        """Opens the box that adds a layer by its name."""
        where = place or self.mapToScene(self.mapFromGlobal(self.cursor().pos()))
        if not self.viewport().rect().contains(self.mapFromScene(where)):
            where = self.visible_centre()
        self._adding = where, after
        if self._quick_add is None:
            self._quick_add = QuickAdd(self)
            self._quick_add.chosen.connect(self._add_chosen)
        self._quick_add.open_at(self.mapFromScene(where))

    def show_problems(self, name: str) -> None:
        """Says beside a card what is wrong with its layer."""
        problems = [problem for problem in self.document.problems if problem.node == name]
        corner = self.scene_.cards[name].badge().topRight()
        self.problem_note.open_at(self.mapFromScene(corner), problems, self._mend)

    def _mend(self, problem: Problem, fix: Fix) -> None:
        self._try(lambda: edits.apply_fix(self.document.project, problem, fix))

    def _follow_map(self) -> None:
        self.minimap.follow()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """What was in the middle of the top stays there."""
        top = self.mapToScene(event.oldSize().width() // 2, 0)
        super().resizeEvent(event)
        if event.oldSize().width() > 0:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + self.mapFromScene(top).x() - event.size().width() // 2)
        self.minimap.follow()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        super().scrollContentsBy(dx, dy)
        self.minimap.follow()

    def delete_selection(self) -> None:
        """Deletes what is selected: layers, notes, or wires."""
        wires = [item.edge for item in self.scene_.selectedItems() if isinstance(item, Wire)]
        if self.document.selection:
            self._try(lambda: edits.delete(self.document.project, self.document.selection))
        for edge in wires:
            if edge in self.document.graph.edges:
                self._try(partial(edits.disconnect, self.document.project, edge))

    def select_all(self) -> None:
        self.document.select(self.scene_.items_named())

    def lay_out(self) -> None:
        """Puts all cards in order; they glide there, and it can be undone."""
        from convstudio.document.layout import lay_out

        edit = lay_out(self.document.project)
        named = self.scene_.cards
        starts = {name: card.pos() for name, card in named.items()}
        self.document.perform(edit)
        ends = {name: card.pos() for name, card in named.items()}
        animation = QVariantAnimation(self)
        animation.setDuration(duration_ms("layout"))
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.valueChanged.connect(lambda share: self._glide(starts, ends, float(share)))
        self._layout = animation
        animation.start(QVariantAnimation.DeletionPolicy.DeleteWhenStopped)

    def _glide(self, starts: dict[str, QPointF], ends: dict[str, QPointF], share: float) -> None:
        for name, end in ends.items():
            card = self.scene_.cards.get(name)
            if card and card.node.position == (end.x(), end.y()):
                card.setPos(starts.get(name, end) * (1 - share) + end * share)
        self.scene_.lead_wires()

    def _add_chosen(self, kind: str) -> None:
        place, after = self._adding
        if after is not None:
            self._try(lambda: edits.append(self.document.project, make(kind), after))
        else:
            self._drop(make(kind), place)
        self.setFocus()

    def _drop(self, layer: Layer, place: QPointF) -> None:
        """On a wire the layer goes into it; elsewhere it stands alone, or begins the network."""
        wire, project = self.scene_.wire_at(place), self.document.project
        if wire and layer.ports:
            self._try(lambda: edits.insert(project, layer, wire.edge))
        else:
            corner = place.x() - WIDTH / 2, place.y()
            self._try(lambda: edits.add(project, layer, corner))

    def _try(self, make_edit: Callable[[], Edit]) -> None:
        try:
            edit = make_edit()
        except EngineError as problem:
            self.say(str(problem))
            return
        self.document.perform(edit)

    # --- the mouse ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        place = self.mapToScene(event.position().toPoint())
        self.problem_note.hide()
        if event.button() == Qt.MouseButton.MiddleButton or self._space_held:
            self.gesture = Pan(self, place)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.gesture = self._begin(place, event.modifiers())
        event.accept()

    def _begin(self, place: QPointF, keys: Qt.KeyboardModifier) -> Gesture | None:
        broken = self.scene_.badge_at(place)
        if broken is not None:
            self.document.select([broken])
            self.show_problems(broken)
            return None
        output = self.scene_.output_at(place, REACH_PX / 2)
        if output is not None:
            return Wiring(self, output)
        found = self.scene_.input_at(place, REACH_PX / 2)
        edge = next((e for e in self.document.graph.edges if found == (e.target, e.port)), None)
        if edge is not None:
            return Wiring(self, edge.source, rerouted=edge)
        name, selection = self.scene_.named_at(place), self.document.selection
        if name is None:
            return self._begin_on_ground(place, keys)
        if keys & MULTI:
            self.document.select(selection ^ {name})
        elif name not in selection:
            self.scene_.clearSelection()
            self.document.select([name])
        return Move(self, place, name) if name in self.document.selection else None

    def _begin_on_ground(self, place: QPointF, keys: Qt.KeyboardModifier) -> Gesture | None:
        wire = self.scene_.wire_at(place)
        self.scene_.clearSelection()
        if not keys & MULTI:
            self.document.select([])
        if wire:
            wire.setSelected(True)
            return None
        return Select(self, place, bool(keys & MULTI))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.gesture:
            self.gesture.move(self, self.mapToScene(event.position().toPoint()), event.modifiers())
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        gesture, self.gesture = self.gesture, None
        if gesture:
            gesture.end(self, self.mapToScene(event.position().toPoint()), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self.mapToScene(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton:
            name = self.scene_.named_at(place)
            if name is None:
                self.quick_add(place)
            elif name in self.scene_.blocks:
                folded = self.scene_.blocks[name].block.collapsed
                self._try(lambda: edits.set_collapsed(self.document.project, name, not folded))
            else:
                self.details_wanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(NOTCH ** event.angleDelta().y())
        else:
            super().wheelEvent(event)

    # --- the keyboard ------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            self.quick_add()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, keys = Qt.Key(event.key()), event.modifiers()
        arrows = {Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0)}
        if key == Qt.Key.Key_Escape:
            gesture, self.gesture = self.gesture, None
            if gesture:
                gesture.cancel(self)
            else:
                self.document.select([])
        elif key == Qt.Key.Key_Space:
            self._space_held = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif key in arrows and keys & Qt.KeyboardModifier.ControlModifier:
            self._nudge(*arrows[key])
        elif key in arrows:
            self._walk(arrows[key], bool(keys & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.details_wanted.emit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_held = False
            self.viewport().unsetCursor()
        super().keyReleaseEvent(event)

    def _nudge(self, dx: int, dy: int) -> None:
        named = self.scene_.items_named()
        places = {
            name: (named[name].pos().x() + dx * NUDGE, named[name].pos().y() + dy * NUDGE)
            for name in self.document.selection
        }
        if places:
            self.document.perform(edits.move(self.document.project, places), gesture=("nudge", self.document.selection))

    def _walk(self, direction: tuple[int, int], extends: bool) -> None:
        """To the next card along the wires, or beside this one."""
        found = neighbour(self.document.graph, self.document.selection, direction)
        if found:
            self.document.select(self.document.selection | {found} if extends else {found})
            self.ensureVisible(self.scene_.cards[found].face(), 40, 40)

    def _announce(self) -> None:
        """For those who listen instead of looking."""
        names = [n for n in self.document.selection if n in self.document.graph]
        described = []
        for name in sorted(names):
            layer, shape = self.document.graph[name].layer, self.document.inference.nodes.get(name)
            made = " × ".join(map(str, shape.output)) if shape else "no shape"
            described.append(f"{name}, {layer.title}, {layer.brief()}, output {made}")
        self.setAccessibleDescription("; ".join(described) or "Nothing is selected")

    # --- drops from the palette --------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if event.mimeData().hasFormat(LAYER_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        self._light(self.scene_.wire_at(self.mapToScene(event.position().toPoint())))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self._light(None)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self._light(None)
        kind = event.mimeData().data(LAYER_MIME).toStdString()
        self._drop(make(kind), self.mapToScene(event.position().toPoint()))
        event.acceptProposedAction()
        self.setFocus()

    def _light(self, wire: Wire | None) -> None:
        for item, lit in ((self._lit, False), (wire, True)):
            if item is not None and item.edge in self.scene_.wires:
                item.lit = lit
                item.update()
        self._lit = wire

    # --- pictures ----------------------------------------------------------------------------------------------------

    def render_to(self, painter: QPainter, target: QRectF) -> None:
        """Draws the whole network, without what is selected showing it."""
        content = self.scene_.content().adjusted(-FIT_MARGIN, -FIT_MARGIN, FIT_MARGIN, FIT_MARGIN)
        chosen = self.document.selection
        self.document.select([])
        self.scene_.render(painter, target, content)
        self.document.select(chosen)

    def global_place(self, name: str) -> QPoint:
        """Where a card is on the screen, for guides and tests."""
        return self.viewport().mapToGlobal(self.mapFromScene(self.scene_.cards[name].face().center()))
