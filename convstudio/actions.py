"""What a window can do, each thing declared once: its words, its keys, its sign and its menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar

from convstudio.look.icons import symbol
from convstudio.workplaces import WORK_PLACES

Keys = QKeySequence.StandardKey | str


@attrs.frozen
class Action:
    """One thing that can be done; `name` is the method that does it, with what stands after a space in it."""

    name: str
    text: str
    menu: str
    keys: Keys
    sign: str = ""
    tip: str = ""
    after_line: bool = False
    also: str = ""  # keys that mean the same elsewhere


STANDARD = QKeySequence.StandardKey
ACTIONS = (
    Action("new_network", "New network", "File", STANDARD.New, "new", "An empty canvas in a new window"),
    Action("new_from_pattern", "New from a pattern …", "File", "Ctrl+Shift+N", "layout", "From a few numbers"),
    Action("open_file", "Open …", "File", STANDARD.Open, "open", "A project or a network file"),
    Action("save", "Save", "File", STANDARD.Save, "save", after_line=True),
    Action("save_as", "Save as …", "File", STANDARD.SaveAs, also="Ctrl+Shift+S"),
    Action("export", "Export …", "File", "Ctrl+E", "export", "Picture (SVG, PNG, PDF), table or network file", True),
    Action("close_window", "Close", "File", STANDARD.Close, after_line=True),
    Action("quit", "Quit", "File", STANDARD.Quit, tip="Each window asks before anything is lost", also="Ctrl+Q"),
    Action("cut", "Cut", "Edit", STANDARD.Cut, after_line=True),
    Action("copy", "Copy", "Edit", STANDARD.Copy, "copy"),
    Action("paste", "Paste", "Edit", STANDARD.Paste),
    Action("duplicate", "Duplicate", "Edit", "Ctrl+D"),
    Action("delete", "Delete", "Edit", STANDARD.Delete, "delete"),
    Action("select_all", "Select all", "Edit", STANDARD.SelectAll),
    Action("add_layer", "Add a layer …", "Edit", "Tab", "plus", "Type its name (Tab on the canvas)", True),
    Action("add_comment", "Add a comment", "Edit", "Ctrl+Shift+M", "comment"),
    Action("rename", "Rename", "Edit", "F2", tip="Writes the selected layer's name where it stands"),
    Action("connect_layers", "Connect …", "Edit", "Ctrl+J", tip="A wire from the selected layer, with the arrow keys"),
    Action("group", "Group", "Edit", "Ctrl+G", tip="One name for the selected layers"),
    Action("ungroup", "Ungroup", "Edit", "Ctrl+Shift+G"),
    Action("fold", "Fold or open the block", "Edit", "Ctrl+B", tip="Shows a block as one card, or what is in it"),
    Action("show_preferences", "Preferences …", "Edit", "Ctrl+,", "settings", "Colours, data, threads", True),
    Action("arrange", "Arrange the network", "Arrange", "Ctrl+L", "layout", "Puts all cards in order"),
    Action("flow down", "Lay out from top to bottom", "Arrange", "Ctrl+Shift+T"),
    Action("flow across", "Lay out from left to right", "Arrange", "Ctrl+Shift+L"),
    Action("align left", "Align left edges", "Arrange", "Alt+A", after_line=True),
    Action("align centre", "Align in a column", "Arrange", "Ctrl+Shift+A"),
    Action("align right", "Align right edges", "Arrange", "Alt+D"),
    Action("align top", "Align top edges", "Arrange", "Alt+W"),
    Action("align middle", "Align in a row", "Arrange", "Ctrl+Shift+R"),
    Action("align bottom", "Align bottom edges", "Arrange", "Alt+S"),
    Action("distribute horizontal", "Space evenly across", "Arrange", "Ctrl+Shift+H", after_line=True),
    Action("distribute vertical", "Space evenly downwards", "Arrange", "Ctrl+Shift+D"),
    Action("train", "Train", "Train", "Ctrl+R", "play", "Trains the network with the settings of the train panel"),
    Action("pause_training", "Pause", "Train", "Ctrl+P", "pause", "Rests after this step"),
    Action("step_training", "Step", "Train", "Ctrl+T", "step", "Trains on one batch, and rests"),
    Action("stop_training", "Stop", "Train", "Ctrl+.", "stop", "Saves the run and ends it"),
    Action("start_anew", "Start anew", "Train", "Shift+F5", tip="Fresh weights; the run before stays in the table"),
    Action("find_rate", "Find a learning rate …", "Train", "Ctrl+Shift+F", tip="Tries some on a copy", after_line=True),
    Action("export_charts", "Export the charts …", "Train", "Ctrl+Shift+E", tip="Picture (PNG, SVG) or numbers (CSV)"),
    Action("zoom_to_fit", "Show all", "View", "Ctrl+0", "fit", "Shows the whole network"),
    Action("actual_size", "Full size", "View", "Alt+0"),
    Action("zoom_in", "Zoom in", "View", STANDARD.ZoomIn, "zoom_in", also="Ctrl+="),
    Action("zoom_out", "Zoom out", "View", STANDARD.ZoomOut, "zoom_out"),
    Action("compare_saved", "Compare with the saved state", "View", "Ctrl+Shift+C", after_line=True),
    Action("next_difference", "Next difference", "View", "F8"),
    Action("previous_difference", "Previous difference", "View", "Shift+F8"),
    Action("find_command", "Commands …", "View", "Ctrl+K", "search", "Everything by typing a part of its name", True),
    Action("find_layer", "Search layers", "View", "Ctrl+F", "search", "Goes to the palette's search field"),
    *(
        Action(f"stand_at {name}", place.title, "View", f"Ctrl+{number}", tip=place.tip, after_line=number == 1)
        for number, (name, place) in enumerate(WORK_PLACES.items(), 1)
    ),
    Action("next_panel", "Next panel", "View", "F6", after_line=True),
    Action("previous_panel", "Previous panel", "View", "Shift+F6"),
    Action("reset_panels", "Put panels back in order", "View", "Ctrl+F6", tip="As they were on the first day"),
    Action("start_tour", "Two-minute tour", "Help", "F1", "help"),
    Action("about", "About ConvStudio", "Help", "Shift+F1", after_line=True),
)
MENUS = ("File", "Edit", "Arrange", "Train", "View", "Help")
TOOLBAR = (
    ("new_network", "open_file", "save"),
    ("undo", "redo"),
    ("add_layer", "arrange", "zoom_to_fit"),
    ("train", "pause_training", "step_training", "stop_training"),
)


def build(
    window: QMainWindow, doers: Sequence[object], first: Callable[[str], None]
) -> tuple[dict[str, QAction], dict[str, QMenu]]:
    """Makes menus and actions; the first of the doers that has a method of an action's name does it.

    Whatever is asked for, something else is done first, which is told what.

    All of them are made here, and not by Qt on being asked: what Qt has made itself, PySide now and then takes for gone
    while it is there, when something else ends that it has seen beside it.
    """
    bar = QMenuBar(window)
    window.setMenuBar(bar)
    menus = {name: QMenu(name, bar) for name in MENUS}
    for menu in menus.values():
        bar.addMenu(menu)
    made: dict[str, QAction] = {}
    for action in ACTIONS:
        if action.after_line and menus[action.menu].actions():
            menus[action.menu].addSeparator()
        made[action.name] = QAction(action.text, window)
        menus[action.menu].addAction(made[action.name])
        made[action.name].triggered.connect(telling(first, action.name))
        made[action.name].triggered.connect(_doing(action.name, doers))
        if action.keys != "Tab":  # Tab adds on the canvas only; elsewhere it goes to the next field
            made[action.name].setShortcuts(keys_of(action.keys, action.also))
        if action.sign:
            made[action.name].setIcon(symbol(action.sign))
        keys = made[action.name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = action.tip or action.text.removesuffix(" …")
        made[action.name].setToolTip(f"{tip} ({keys})" if keys else tip)
        made[action.name].setStatusTip(tip)
    return made, menus


def keys_of(keys: QKeySequence.StandardKey | str, also: str = "") -> list[QKeySequence]:
    """The keys that menus show, and others that people know from elsewhere."""
    known = [key for key in (QKeySequence(keys), QKeySequence(also)) if not key.isEmpty()]  # systems have not all keys
    return known[:1] if len(known) == 2 and known[0] == known[1] else known


def telling(first: Callable[[str], None], name: str) -> Callable[[], None]:
    """What is done before an action is, which is told its name."""
    return lambda: first(name)


def _doing(name: str, doers: Sequence[object]) -> Callable[[], None]:
    """Looks the method up when it is wanted, so that nothing is done by one that was replaced since."""
    method, *arguments = name.split()
    doer = next(doer for doer in doers if hasattr(type(doer), method))
    return lambda: getattr(doer, method)(*arguments)
