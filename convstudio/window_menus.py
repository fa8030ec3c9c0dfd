"""The parts of a window's menus and toolbar that are more than a row of actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QWidget

from convstudio.actions import TOOLBAR, keys_of, telling
from convstudio.look.icons import symbol
from convstudio.preferences import Preferences, Preferred
from convstudio.preferences_dialog import THEMES
from convstudio.wording import on_button
from convstudio.workplaces import WORK_PLACES, WorkPlaces
from engine.templates import templates

ICON_PX = 20


def add_undo(stack: QUndoStack, menu: QMenu, made: dict[str, QAction], first: Callable[[str], None]) -> None:
    """Undo and redo, which say what they take back; something else is done first."""
    top = menu.actions()[0]
    standard = QKeySequence.StandardKey
    for name, keys, act, told, possible in (
        ("undo", keys_of(standard.Undo), stack.undo, stack.undoTextChanged, stack.canUndoChanged),
        ("redo", keys_of(standard.Redo, "Ctrl+Y"), stack.redo, stack.redoTextChanged, stack.canRedoChanged),
    ):
        action = QAction(name.capitalize(), menu)
        action.setEnabled(stack.canUndo() if name == "undo" else stack.canRedo())
        action.triggered.connect(telling(first, name))
        action.triggered.connect(act)
        told.connect(partial(_name_step, action))
        possible.connect(action.setEnabled)
        action.setShortcuts(keys)
        action.setIcon(symbol(name))
        menu.insertAction(top, action)
        made[name] = action


def _name_step(action: QAction, step: str) -> None:
    """The words of what would be taken back."""
    word = action.text().split()[0]
    action.setText(f"{word} {on_button(step)}" if step else word)


def add_templates(menu: QMenu, choose: Callable[[str], object]) -> None:
    """Every network that comes with the program."""
    menu.setToolTipsVisible(True)
    for name, found in templates().items():
        action = menu.addAction(found.title)
        action.setToolTip(found.paragraph)
        action.triggered.connect(partial(choose, name))


def add_themes(menu: QMenu, preferred: Preferred) -> None:
    """Light, dark, or like the system."""
    group = QActionGroup(menu)
    made: dict[str, QAction] = {}
    for name, text in THEMES:
        made[name] = QAction(text, group, checkable=True)
        made[name].setChecked(preferred.now.theme == name)
        made[name].triggered.connect(partial(_choose_theme, preferred, name))
        menu.addAction(made[name])
    follow = _Following(made, menu)
    preferred.changed.connect(follow.show)


def _choose_theme(preferred: Preferred, name: str) -> None:
    preferred.set(theme=name)


class _Following(QObject):
    """Ticks the theme that was chosen elsewhere; goes with its menu."""

    def __init__(self, made: Mapping[str, QAction], parent: QObject) -> None:
        super().__init__(parent)
        self._made = made

    def show(self, before: Preferences, after: Preferences) -> None:
        self._made[after.theme].setChecked(True)


def make_toolbar(made: Mapping[str, QAction], places: WorkPlaces) -> QToolBar:
    """What is used most; where one stands is on the right, one click away from the other places."""
    bar = QToolBar("Tools")
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(ICON_PX, ICON_PX))
    for number, group in enumerate(TOOLBAR):
        if number:
            bar.addSeparator()
        for name in group:
            bar.addAction(made[name])
    gap = QWidget()
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    switch = QActionGroup(bar)
    for name in WORK_PLACES:
        made[f"stand_at {name}"].setCheckable(True)
        switch.addAction(made[f"stand_at {name}"])
        bar.addAction(made[f"stand_at {name}"])
        _follow_toggles(made[f"stand_at {name}"], name, places)
    places.changed.connect(lambda name: made[f"stand_at {name}"].setChecked(True))
    return bar


def _follow_toggles(action: QAction, name: str, places: WorkPlaces) -> None:
    """A screen reader toggles a button without triggering what it does; and one always stands somewhere."""

    def follow(chosen: bool) -> None:
        if chosen:
            places.go(name)
        elif not any(other.isChecked() for other in action.actionGroup().actions()):
            action.setChecked(True)

    action.toggled.connect(follow)
