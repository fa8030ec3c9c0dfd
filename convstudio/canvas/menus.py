"""What can be done with what is under the mouse, or with what is selected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from convstudio.canvas.choosing import choose
from convstudio.canvas.wire import Wire
from convstudio.document import edits
from convstudio.document.edits import Edit
from convstudio.document.project import ACROSS
from convstudio.wording import on_button

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

REPEATS = (1, 2, 3, 4, 6, 8)
ALIGNING = ("align left", "align centre", "align right", "align top", "align middle", "align bottom")
SPREADING = ("distribute horizontal", "distribute vertical")


class Menus:
    """Builds the menu for a place; what the window's own menus offer too comes from there, with its keys."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def at(self, place: QPointF) -> QMenu:
        """For what is there; it is selected first where it is not."""
        scene, document = self._canvas.scene_, self._canvas.document
        name = scene.named_at(place)
        wire = scene.wire_at(place) if name is None else None
        if wire is not None:
            choose(self._canvas, wires=[wire.edge])
            return self._of_wire(wire, place)
        if name is None:
            return self._of_ground(place)
        if name not in document.selection:
            choose(self._canvas, [name])
        return self.of_selection()

    def of_selection(self) -> QMenu:
        """For what is selected: several things, a layer, a block or a comment."""
        document = self._canvas.document
        if len(document.selection) > 1:
            return self._of_several()
        name = next(iter(document.selection), None)
        if name is None:
            return self._of_ground(self._canvas.visible_centre())
        if name in document.graph:
            return self._of_layer(name)
        return self._of_block(name) if document.project.block(name) else self._of_comment(name)

    # --- one for each kind of thing ----------------------------------------------------------------------------------

    def _of_ground(self, place: QPointF) -> QMenu:
        menu, canvas = self._menu(), self._canvas
        project, at = canvas.document.project, (place.x(), place.y())
        self._own(menu, "Add a layer here …", partial(canvas.quick_add, place), "Tab")
        self._own(menu, "Add a comment here", partial(canvas.add_comment, at))
        self._own(menu, "Paste here", partial(canvas.paste_at, place))
        menu.addSeparator()
        self._shared(menu, "select_all", "arrange")
        self._shared(menu, "flow down" if project.flow == ACROSS else "flow across", "zoom_to_fit")
        return menu

    def _of_layer(self, name: str) -> QMenu:
        menu, canvas, project = self._menu(), self._canvas, self._canvas.document.project
        self._own(menu, "Settings", canvas.details_wanted.emit, "Enter")
        self._shared(menu, "rename")
        menu.addSeparator()
        self._own(menu, "Add a layer after it …", partial(canvas.quick_add_after, name), "Ins")
        self._shared(menu, "connect_layers")
        for edge in project.graph.incoming(name):
            self._edit(menu, f"Disconnect from {edge.source}", partial(edits.disconnect, project, edge))
        self._fixes(menu, name)
        self._end(menu)
        self._shared(menu, "group", *(("ungroup",) if project.block_of(name) else ()))
        return menu

    def _of_several(self) -> QMenu:
        menu = self._menu()
        aligning = menu.addMenu("Align")
        self._shared(aligning, *ALIGNING)
        spreading = menu.addMenu("Space evenly")
        self._shared(spreading, *SPREADING)
        self._end(menu)
        self._shared(menu, "group", "ungroup")
        return menu

    def _of_wire(self, wire: Wire, place: QPointF) -> QMenu:
        menu, project = self._menu(), self._canvas.document.project
        if wire.text:
            menu.addAction(on_button(f"{wire.edge.source} → {wire.edge.target}: {wire.text}")).setEnabled(False)
            menu.addSeparator()
        self._own(menu, "Put a layer in here …", partial(self._canvas.quick_add, place))
        self._edit(menu, "Remove the wire", partial(edits.disconnect, project, wire.edge), "Del")
        return menu

    def _of_block(self, name: str) -> QMenu:
        menu, project = self._menu(), self._canvas.document.project
        block = project.block(name)
        assert block is not None
        word = "Open it" if block.collapsed else "Show it as one card"
        self._edit(menu, word, partial(edits.set_collapsed, project, name, not block.collapsed))
        self._shared(menu, "rename")
        repeats = menu.addMenu("Repeat")
        for times in sorted({*REPEATS, block.repeat}):
            action = self._edit(repeats, f"× {times}", partial(edits.set_repeat, project, name, times))
            action.setCheckable(True)
            action.setChecked(times == block.repeat)
        self._fixes(menu, name)
        self._end(menu)
        self._shared(menu, "group", "ungroup")
        return menu

    def _of_comment(self, name: str) -> QMenu:
        menu = self._menu()
        self._own(menu, "Write in it", partial(self._canvas.edit_in_place, name), "F2")
        self._end(menu)
        return menu

    # --- what menus are made of --------------------------------------------------------------------------------------

    def _menu(self) -> QMenu:
        menu = QMenu(self._canvas)
        menu.aboutToHide.connect(menu.deleteLater)  # once the chosen action has run
        return menu

    def _fixes(self, menu: QMenu, name: str) -> None:
        """What is offered for the problems of a layer, or of those in a block."""
        offered = [(problem, fix) for problem in self._canvas.problems_of(name) for fix in problem.fixes]
        if offered:
            menu.addSeparator()
        for problem, fix in offered:
            self._edit(menu, fix.title, partial(edits.apply_fix, self._canvas.document.project, problem, fix))

    def _end(self, menu: QMenu) -> None:
        menu.addSeparator()
        self._shared(menu, "cut", "copy", "duplicate", "delete")
        menu.addSeparator()

    def _shared(self, menu: QMenu, *names: str) -> None:
        """The window's own actions, as far as there is a window."""
        menu.addActions([self._canvas.commands[name] for name in names if name in self._canvas.commands])

    def _own(self, menu: QMenu, text: str, act: Callable[[], object], keys: str = "") -> QAction:
        text = on_button(text)
        action = menu.addAction(text)
        action.triggered.connect(lambda checked=False: act())
        if keys:  # to be read; the canvas itself listens to them
            action.setText(f"{text}\t{QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)}")
        return action

    def _edit(self, menu: QMenu, text: str, edit: Callable[[], Edit], keys: str = "") -> QAction:
        return self._own(menu, text, partial(self._canvas.attempt, edit), keys)
