"""The canvas: looks at the scene, and turns hands and keys into gestures and edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QMenu, QWidget

from convstudio.canvas.beginning import Beginning
from convstudio.canvas.choosing import chosen_wires
from convstudio.canvas.drops import LAYER_MIME, Drops
from convstudio.canvas.first_view import FIT_MARGIN, first_view
from convstudio.canvas.gestures.gesture import Gesture
from convstudio.canvas.gestures.keyed_wiring import KeyedWiring
from convstudio.canvas.gestures.wiring import Wiring
from convstudio.canvas.gliding import Gliding
from convstudio.canvas.hand import Hand
from convstudio.canvas.in_place import InPlace
from convstudio.canvas.keyboard import Keyboard
from convstudio.canvas.listeners import Listeners
from convstudio.canvas.live import Live, drawn_name
from convstudio.canvas.menus import Menus
from convstudio.canvas.minimap import Minimap
from convstudio.canvas.problem_note import ProblemNote
from convstudio.canvas.quick_add import QuickAdd
from convstudio.canvas.scene import CanvasScene
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.edits import Edit
from convstudio.document.ends import end_of, last_of
from convstudio.look.letters import roominess
from convstudio.look.theme import appearance
from engine.errors import EngineError
from engine.health import Finding
from engine.shapes import Problem
from engine.spec import Fix, make

__all__ = ["LAYER_MIME", "Canvas"]
NEAREST, FARTHEST, NOTCH = 3.0, 0.1, 1.0015  # zoom, and its growth for each eighth of a degree of the wheel
TURNED_TO = (QEvent.Type.Show, QEvent.Type.WindowActivate, QEvent.Type.FocusIn)
TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


def full_size() -> float:
    """The zoom at which text on cards is as large as elsewhere."""
    return roominess()


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
        self.wiring_by_key: KeyedWiring | None = None
        self.commands: Mapping[str, QAction] = {}  # the window's, for menus
        self._adding: tuple[QPointF, str | None] = QPointF(), None
        self._quick_add: QuickAdd | None = None
        self._full_size, self._history = full_size(), document.history
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.NoDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.minimap = Minimap(self)
        self.problem_note, self.beginning = ProblemNote(self.viewport()), Beginning(self.viewport())
        self.beginning.button.clicked.connect(self._begin)
        self.in_place, self.menus, self.keyboard = InPlace(self), Menus(self), Keyboard(self)
        self.hand, self.drops, self.gliding = Hand(self), Drops(self), Gliding(self)
        self.live, self.listeners = Live(self), Listeners(self)
        document.selection_changed.connect(self.problem_note.hide)
        document.project_changed.connect(self._follow_document)
        appearance().changed.connect(self._follow_letters)
        self.zoom_changed.connect(self._follow_map)
        self.scene_.album.wanting.connect(self._draw_again)
        self.scene_.album.idle.connect(self._tend)

    # --- what others ask for -----------------------------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """Tells why something could not be done."""
        self.said.emit(sentence)

    def zoom_to_fit(self) -> None:
        """Shows all of the network."""
        content = self.scene_.content()
        if content.isEmpty():
            self._show_full_size()
            self.centerOn(0, 0)
        else:
            room = content.adjusted(-FIT_MARGIN, -FIT_MARGIN, FIT_MARGIN, FIT_MARGIN)
            self.fitInView(room, Qt.AspectRatioMode.KeepAspectRatio)
            if self.zoom > full_size():
                self._show_full_size()
                self.centerOn(content.center())
        self.zoom_changed.emit(self.zoom)

    def show_start(self) -> None:
        """Shows the beginning of the network at a size that can be read."""
        self._show_full_size()
        self.centerOn(first_view(self.scene_, QSizeF(self.viewport().size()) / self.zoom))
        self.zoom_changed.emit(self.zoom)

    def _show_full_size(self) -> None:
        self.resetTransform()
        self.scale(full_size(), full_size())

    @property
    def zoom(self) -> float:
        return float(self.transform().m11())

    def zoom_by(self, factor: float) -> None:
        """Nearer or farther, within limits; what is beyond them, to show a large network, comes back by steps."""
        self.scene_.album.hold()
        wanted = min(max(self.zoom * factor, min(FARTHEST, self.zoom)), max(NEAREST, self.zoom))
        self.scale(wanted / self.zoom, wanted / self.zoom)
        self.zoom_changed.emit(self.zoom)

    def visible_centre(self) -> QPointF:
        return self.mapToScene(self.viewport().rect().center())

    def quick_add(self, place: QPointF, after: str | None = None) -> None:
        """Opens the box that adds a layer by its name."""
        self._adding = place, after
        if self._quick_add is None:
            self._quick_add = QuickAdd(self.viewport())
            self._quick_add.chosen.connect(self._add_chosen)
        self._quick_add.open_at(self.mapFromScene(place))

    def quick_add_at_mouse(self) -> None:
        """The same where the mouse is, or after what is selected where the mouse is elsewhere."""
        mouse = self.mapFromGlobal(self.cursor().pos())
        if self.viewport().rect().contains(mouse):
            self.quick_add(self.mapToScene(mouse))
        else:
            self.quick_add_next()

    def quick_add_next(self) -> None:
        """The same for a layer after the selected one, or at the end of the network."""
        project = self.document.project
        last = last_of(project, self.document.selection) or last_of(project, [node.id for node in project.graph])
        if last:
            self.quick_add_after(last)
        else:
            self.quick_add(self.visible_centre())

    def quick_add_after(self, name: str) -> None:
        """The same for a layer after another one, or after a block."""
        self.quick_add((self.scene_.blocks.get(name) or self.scene_.cards[name]).output_place(), after=name)

    def edit_in_place(self, name: str = "") -> None:
        """Lets one write the name or text of a thing, or of the one that is selected."""
        chosen = name or (next(iter(self.document.selection)) if len(self.document.selection) == 1 else "")
        if chosen:
            self.in_place.open(chosen)
        else:
            self.say("Select one layer, block or comment to write its name.")

    def add_comment(self, place: tuple[float, float]) -> None:
        """A new one there, ready to be written in."""
        if self.attempt(lambda: edits.add_comment(self.document.project, place)):
            self.edit_in_place()

    def show_selection(self) -> None:
        """Brings what is selected into view, or as much of it from its corner on as there is room for."""
        named = self.scene_.items_named()
        places = [named[name].face() for name in self.document.selection if name in named]
        if places:
            whole, room = reduce(QRectF.united, places), self.mapToScene(self.viewport().rect()).boundingRect()
            room.adjust(FIT_MARGIN, FIT_MARGIN, -FIT_MARGIN, -FIT_MARGIN)
            whole.setSize(whole.size().boundedTo(room.size()))
            self.ensureVisible(whole, round(FIT_MARGIN * self.zoom), round(FIT_MARGIN * self.zoom))

    def connect_by_key(self) -> None:
        """Draws a wire from the selected layer with the arrow keys."""
        project = self.document.project
        folded = [end_of(project, block) for block in project.blocks if block.id in self.document.selection]
        chosen = [name for name in self.document.selection if name in project.graph] or folded
        if len(chosen) != 1 or self.document.selection != {self.scene_.shown_as(chosen[0])}:
            self.say("Select the one layer that the wire should begin at.")
            return
        self.setFocus()
        self.wiring_by_key = KeyedWiring(self, chosen[0])
        if not self.wiring_by_key.possible:
            self.wiring_by_key.close()
            self.say(f"No layer has a free input that {chosen[0]} could feed.")

    def paste_at(self, place: QPointF) -> None:
        """Puts what is on the clipboard there."""
        text = QGuiApplication.clipboard().text()
        self.attempt(lambda: edits.paste(self.document.project, text, (place.x(), place.y())))

    def problems_of(self, name: str) -> list[Problem]:
        """What is wrong with a layer and its copies, or with those in a block."""
        members = self.document.project.contents.get(name, (name,))
        found: list[Problem | Finding] = [*self.document.problems, *self.live.findings]
        drawn = (Problem(drawn_name(one.node), one.text, one.fixes) for one in found)
        return [problem for problem in drawn if problem.node in members]

    def show_problems(self, name: str) -> None:
        """Says it beside the card, or the folded block."""
        block = self.scene_.blocks.get(name)
        corner = (block or self.scene_.cards[name]).badge().topRight()
        self.problem_note.open_at(self.mapFromScene(corner), self.problems_of(name), self._mend)

    def _mend(self, problem: Problem, fix: Fix) -> None:
        self.attempt(lambda: edits.apply_fix(self.document.project, problem, fix))

    def _follow_document(self) -> None:
        self.minimap.follow()
        self.problem_note.hide()  # it may be mended
        self._show_beginning()
        another, self._history = self._history != self.document.history, self.document.history
        if another or isinstance(self.gesture, Wiring):  # after an edit by key, what it led from, or to, may be gone
            self.cancel_gesture()
        if self.wiring_by_key is not None:
            self.wiring_by_key.close()

    def _show_beginning(self) -> None:
        project = self.document.project
        self.beginning.follow(not project.graph.nodes and not project.comments, self.viewport().size())

    def _begin(self) -> None:
        self.attempt(lambda: edits.append(self.document.project, make("input")))
        self.show_start()
        self.setFocus()

    def _follow_letters(self) -> None:
        """Where the system's text has grown, what is on the canvas has by as much."""
        before, self._full_size = self._full_size, full_size()
        if before != self._full_size:
            middle = self.visible_centre()
            self.zoom_by(self._full_size / before)
            self.centerOn(middle)
            self._keep_places()

    def _follow_map(self) -> None:
        self.problem_note.hide()
        self.minimap.follow()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """What was in the middle of the top stays there."""
        top = self.mapToScene(event.oldSize().width() // 2, 0)
        super().resizeEvent(event)
        if event.oldSize().width() > 0:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + self.mapFromScene(top).x() - event.size().width() // 2)
        self._keep_places()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        super().scrollContentsBy(dx, dy)
        self.problem_note.hide()  # its card is elsewhere
        self._keep_places()

    def _keep_places(self) -> None:
        """What lies on the canvas is its viewport's, where screen readers find it, and Qt scrolls it along."""
        self.minimap.follow()
        self._show_beginning()
        self.listeners.stay()

    def delete_selection(self) -> None:
        """Deletes what is selected: layers, notes, or wires."""
        wires = chosen_wires(self)
        if wires or self.document.selection:
            self.attempt(lambda: edits.delete(self.document.project, self.document.selection, wires))

    def select_all(self) -> None:
        """What is seen: a folded block for all that is in it."""
        self.document.select(name for name, item in self.scene_.items_named().items() if item.isVisible())

    def lay_out(self, flow: str = "") -> None:
        """Puts all cards in order, or in another direction; they glide there, and it can be undone."""
        project = self.document.project
        turned = bool(flow) and flow != project.flow
        self.gliding.along(
            lambda: self.attempt(lambda: edits.set_flow(project, flow) if flow else edits.lay_out(project))
        )
        if turned:
            self.show_start()  # what was seen lies elsewhere by then

    def _add_chosen(self, kind: str) -> None:
        place, after = self._adding
        if after is not None:
            self.attempt(lambda: edits.append(self.document.project, make(kind), after))
        else:
            self.drops.put(make(kind), place)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def attempt(self, make_edit: Callable[[], Edit]) -> bool:
        """Does an edit, or says why it cannot be done."""
        try:
            edit = make_edit()
        except EngineError as problem:
            self.say(str(problem))
            return False
        self.document.perform(edit)
        return True

    def cancel_gesture(self) -> bool:
        """Leaves everything as it was before; whether there was one."""
        gesture, self.gesture = self.gesture, None
        if gesture:
            gesture.cancel(self)
        return gesture is not None

    # --- the mouse ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        self.problem_note.hide()
        self.hand.press(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.hand.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.hand.press_twice(self.mapToScene(event.position().toPoint()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(NOTCH ** event.angleDelta().y())
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        event.accept()
        if self.gesture:
            return  # a menu would take the mouse from the hand, which would never be told that it let go
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.open_menu()
        else:
            self._pop_up(self.menus.at(self.mapToScene(event.pos())), event.globalPos())

    def open_menu(self) -> None:
        """The menu of what is selected, beside it."""
        names = [name for name in self.document.selection if name in self.scene_.items_named()]
        place = self.scene_.items_named()[names[0]].face().center() if names else self.visible_centre()
        self._pop_up(self.menus.of_selection(), self.viewport().mapToGlobal(self.mapFromScene(place)))

    def _pop_up(self, menu: QMenu, place: QPoint) -> None:
        self.problem_note.hide()
        menu.popup(place)

    # --- the keyboard ------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() in TURNED_TO:
            self.listeners.look_for_them()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in TABS:
            return self.keyboard.press(event) or super().event(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not self.keyboard.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        self.keyboard.release(event)
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.keyboard.show_focus(event.reason() != Qt.FocusReason.MouseFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.keyboard.leave()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self.scene_.album.begin(self.zoom, self.devicePixelRatioF())
        super().paintEvent(event)
        self.scene_.album.end()
        self.keyboard.paint_focus()

    def _draw_again(self) -> None:
        """What was not sharp in the last frame."""
        self.viewport().update()

    def _tend(self) -> None:
        """Cards that are out of sight get pictures of what they look like by now."""
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        near = seen.adjusted(-seen.width() / 2, -seen.height() / 2, seen.width() / 2, seen.height() / 2)
        self.scene_.album.tend(self.scene_.cards.values(), near)

    # --- drops from the palette --------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        self.drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self.drops.take(event)

    # --- pictures ----------------------------------------------------------------------------------------------------

    def render_to(self, painter: QPainter, target: QRectF) -> None:
        """Draws the whole network, without what is selected showing it."""
        content = self.scene_.content().adjusted(-FIT_MARGIN, -FIT_MARGIN, FIT_MARGIN, FIT_MARGIN)
        with self.scene_.nothing_selected():
            self.scene_.render(painter, target, content)

    def global_place(self, name: str) -> QPoint:
        """Where a card is on the screen, for guides and tests."""
        return self.viewport().mapToGlobal(self.mapFromScene(self.scene_.cards[name].face().center()))
