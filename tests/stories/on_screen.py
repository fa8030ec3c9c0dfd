"""Builds and saves a small network in the real program as a person does, by the screen's own mouse and keys.

    DISPLAY=:99 python tests/stories/on_screen.py FILE

Needs an X server that lets others move its mouse.  Ends with 0 once the network is saved in FILE and the window closed;
else says which step did not succeed, and leaves a picture of the window beside FILE.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPoint, QPointF, QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QWidget
from Xlib import XK, X, display
from Xlib.ext import xtest

from convstudio.app import Windows, dress
from convstudio.application import Application
from convstudio.canvas.quick_add import QuickAdd
from convstudio.main_window import MainWindow
from convstudio.panels.palette_row import KIND

LOOK_MS, PATIENCE_MS = 20, 120_000
PIECES = 8  # of the mouse's way
INPUT_AT, DENSE_AT = QPoint(160, 60), QPoint(160, 380)


@attrs.frozen
class Wait:
    """What is looked for before the story goes on."""

    words: str
    seen: Callable[[], bool]


class Fingers:
    """On the mouse and the keys of the screen; knows nothing of Qt."""

    def __init__(self) -> None:
        self._screen = display.Display()

    def move(self, place: QPoint) -> None:
        """The mouse to a place of the screen."""
        self._do(X.MotionNotify, x=place.x(), y=place.y())

    def press(self) -> None:
        """The left button goes down."""
        self._do(X.ButtonPress, 1)

    def release(self) -> None:
        """And up again."""
        self._do(X.ButtonRelease, 1)

    def key(self, name: str, *, held: str = "") -> None:
        """Presses a key while another is held."""
        codes = [self._code(key) for key in (held, name) if key]
        for code in codes:
            self._do(X.KeyPress, code)
        for code in reversed(codes):
            self._do(X.KeyRelease, code)

    def write(self, text: str) -> None:
        """Letter by letter."""
        for letter in text:
            symbol = ord(letter)  # Latin letters are named by their numbers
            shifted = self._screen.keycode_to_keysym(self._screen.keysym_to_keycode(symbol), 0) != symbol
            self.key(letter, held="Shift_L" if shifted else "")

    def _code(self, name: str) -> int:
        symbol = ord(name) if len(name) == 1 else XK.string_to_keysym(name)
        return int(self._screen.keysym_to_keycode(symbol))

    def _do(self, *what: int, **where: int) -> None:
        xtest.fake_input(self._screen, *what, **where)
        self._screen.sync()


class Touched(QObject):
    """Notes where the canvas was last told that a hand moves over it."""

    MOVES = (QEvent.Type.MouseMove, QEvent.Type.DragMove)

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.place: QPoint | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if event.type() in self.MOVES:
            self.place = event.position().toPoint()  # type: ignore[attr-defined]
        return False


class Person:
    """Looks at the window, and moves the fingers; what takes time is waited for by who asks for the next step."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.canvas, self.fingers = window, window.canvas, Fingers()
        self.touched = Touched(window.canvas.viewport())

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        """In the middle, or at a place of it."""
        self.fingers.move(widget.mapToGlobal(place or widget.rect().center()))
        self.fingers.press()
        self.fingers.release()

    def carry(self, start: QPoint, end: QPoint) -> Iterator[Wait]:
        """With the button held, to another place of the screen; the system's own drag needs time to begin."""
        self.fingers.move(start)
        self.fingers.press()
        for piece in range(1, PIECES + 1):
            self.fingers.move(start + (end - start) * piece / PIECES)
            yield a_moment()
        goal, self.touched.place = self.canvas.viewport().mapFromGlobal(end), None

        def arrived() -> bool:  # a drag that has begun with the last move knows nothing of it
            if self.touched.place != goal:
                self.fingers.move(end + QPoint(1, 0))
                self.fingers.move(end)
            return self.touched.place == goal

        yield Wait("the hand on the canvas", arrived)
        self.fingers.release()

    def drag_layer(self, kind: str, place: QPoint) -> Iterator[Wait]:
        """From the palette to a place of the canvas."""
        palette = self.window.panels["palette"]
        self.click(palette.field)  # type: ignore[attr-defined]
        self.fingers.key("a", held="Control_L")
        self.fingers.write(kind)
        tree, count = palette.tree, len(self.window.document.graph.nodes)  # type: ignore[attr-defined]

        def item() -> object:
            rows = (row for _, rows in tree.categories for row in rows if not row.isHidden())
            return next((row for row in rows if row.data(0, KIND) == kind), None)

        yield Wait(f"{kind} in the palette", lambda: palette.field.text() == kind and item() is not None)  # type: ignore[attr-defined]
        yield a_moment()
        start = tree.viewport().mapToGlobal(tree.visualItemRect(item()).center())
        yield from self.carry(start, self.canvas.viewport().mapToGlobal(place))
        yield Wait(f"{kind} on the canvas", lambda: len(self.window.document.graph.nodes) == count + 1)

    def on_screen(self, place: QPointF) -> QPoint:
        """A place of the drawing."""
        return self.canvas.viewport().mapToGlobal(self.canvas.mapFromScene(place))

    def is_written_in(self, kind: type[QWidget]) -> bool:
        """Whether the keys go to a part of the canvas."""
        focus = QApplication.focusWidget()
        return any(box.isAncestorOf(focus) for box in self.canvas.findChildren(kind) if focus is not None)

    @property
    def layers(self) -> list[str]:
        """Kinds, in the order of the network."""
        return [node.layer.kind for node in self.window.document.graph.order]


def a_moment() -> Wait:
    """Until Qt has taken what the screen has sent."""
    looks = iter(range(3))
    return Wait("a moment", lambda: next(looks, None) is None)


def named_in_dialog() -> str | None:
    """What is written in the dialog for files, once the keyboard is there."""
    dialog, line = QApplication.activeModalWidget(), QApplication.focusWidget()
    if not isinstance(dialog, QFileDialog) or not isinstance(line, QLineEdit) or not dialog.isActiveWindow():
        return None
    return line.text()


def story(windows: Windows, path: Path) -> Iterator[Wait]:
    """What the person does."""
    person = Person(windows.open_ones[0])
    window, fingers, document = person.window, person.fingers, person.window.document
    yield Wait("the window", lambda: window.isActiveWindow() and window.welcome.isVisible())
    person.click(next(b for b in window.welcome.findChildren(QPushButton) if b.text().strip() == "New network"))
    yield Wait("an empty canvas", lambda: not window.welcome.isVisible())

    yield from person.drag_layer("input", INPUT_AT)
    yield from person.drag_layer("dense", DENSE_AT)
    cards = person.canvas.scene_.cards
    ends = [person.on_screen(cards["input1"].output_place()), person.on_screen(cards["dense1"].input_place(0))]
    yield from person.carry(*ends)
    yield Wait("a wire", lambda: len(document.graph.edges) == 1)
    middle = (ends[0] + ends[1]) / 2
    yield from person.drag_layer("conv2d", person.canvas.viewport().mapFromGlobal(middle))
    yield Wait("the convolution in the wire", lambda: person.layers == ["input", "conv2d", "dense"])

    person.click(person.canvas.viewport(), person.canvas.mapFromScene(cards["conv1"].face().center()))
    yield Wait("the convolution selected", lambda: document.selection == {"conv1"})
    fingers.key("Tab")
    yield Wait("the box that adds a layer", lambda: person.is_written_in(QuickAdd))
    fingers.write("relu")
    fingers.key("Return")
    yield Wait("a ReLU behind it", lambda: person.layers == ["input", "conv2d", "relu", "dense"])

    fingers.key("s", held="Control_L")
    yield Wait("the dialog", lambda: named_in_dialog() is not None)
    yield a_moment()
    fingers.key("a", held="Control_L")
    fingers.write(str(path))
    yield Wait("the whole name in the dialog", lambda: named_in_dialog() == str(path))
    fingers.key("Return")
    yield Wait("the file", lambda: path.is_file() and not document.modified)
    window.activateWindow()  # as a window manager does when a dialog has gone
    yield Wait("the window in front", window.isActiveWindow)
    fingers.key("q", held="Control_L")
    yield Wait("the window closed", lambda: not windows.open_ones)


def play(application: QApplication, windows: Windows, path: Path) -> int:
    """Goes on as soon as what is waited for is there: also while Qt waits for the end of a drag or a dialog."""
    steps, since, timer = story(windows, path), QElapsedTimer(), QTimer()
    now = [next(steps)]
    since.start()

    def look() -> None:
        if now[0].seen():
            since.restart()
            following = next(steps, None)
            if following is None:
                application.exit(0)
            else:
                now[0] = following
        elif since.elapsed() > PATIENCE_MS:
            application.primaryScreen().grabWindow(0).save(str(path.with_suffix(".png")))
            raise AssertionError(f"There is no sign of {now[0].words}.")

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    return int(application.exec())


def give_up(*reason: object) -> None:
    """Whatever Qt is waiting for."""
    sys.__excepthook__(*reason)  # type: ignore[arg-type]
    sys.stderr.flush()
    os._exit(1)


def main() -> None:
    sys.excepthook = give_up
    QStandardPaths.setTestModeEnabled(True)
    application = Application(sys.argv[:1])
    application.setApplicationName("convstudio-story")
    application.setQuitOnLastWindowClosed(False)
    dress(application)
    windows = Windows(application)
    window = windows.open()
    window.resize(1280, 800)
    window.activateWindow()
    raise SystemExit(play(application, windows, Path(sys.argv[1])))


if __name__ == "__main__":
    main()
