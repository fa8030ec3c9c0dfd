"""A user who does anything, drawn from a seed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMenuBar,
    QMessageBox,
    QWidget,
)

from convstudio.app import Windows
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.main_window import MainWindow
from convstudio.preferences import preferred
from engine.link import Link
from engine.templates import template_names

SMALL = ("lenet5", "mlp", "mnist_cnn", "mnist1d_cnn", "all_conv")
TRIES = 5  # at finding something that can be clicked
LETTERS_PT = (9, 10, 13, 15)
MOST_WINDOWS = 3  # each takes its share of a change of the theme
TICK_MS = 5
KEYS = (
    *(Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Backspace),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_F2, Qt.Key.Key_F6, Qt.Key.Key_Menu, Qt.Key.Key_Plus),
)
TEXTS = (
    *("conv", "dense", "0", "7", "-1", "1e9", "999999999999999999999", "0.00001", "nan", "inf", "", " ", "relu", "3,3"),
    *("shift=2,rotate=10", "\u202eabc\u202d", "a\nb", "名前", "é" * 400, "../../x", "\0", "'\"<b>&amp;", "%s %d {x}"),
)
CLIPBOARD = (
    *("", "nonsense", "{", "[]", "null", "[" * 5000, '{"format": "convstudio-layers", "version": 1}', "\0" * 99),
    *('{"format": "convstudio-network", "version": 1, "nodes": [{}]}', "x" * 1_000_000, '{"format": 3}', "1e999"),
)


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


class Monkey(QObject):
    """Acts from a timer, so that it plays inside dialogs and menus, too."""

    def __init__(self, windows: Windows, place: Path, seed: int, tell: Callable[[str], Any] = lambda act: None) -> None:
        super().__init__()
        self.windows, self.place, self.draw, self._tell = windows, place, random.Random(seed), tell
        self.count, self.done = 0, deque[str](maxlen=25)
        self._seen: list[QWidget] = []
        self._depth, self._tired = 0, False
        self._enough: Callable[[], None] = lambda: None
        self._stopped: list[int] = []  # processes that do not answer at the moment
        self._pace_ms = TICK_MS
        _write_hostile_files(place)
        self._asked = (QFileDialog.getOpenFileName, QFileDialog.getSaveFileName, QFileDialog.getExistingDirectory)
        QFileDialog.getOpenFileName = lambda *_, **__: (self._some_path(), "")  # type: ignore[method-assign]
        QFileDialog.getSaveFileName = lambda *_, **__: (self._some_target(), "")  # type: ignore[method-assign]
        QFileDialog.getExistingDirectory = lambda *_, **__: self._some_path()  # type: ignore[method-assign]
        self._acts: list[tuple[int, str, Callable[[], str]]] = [
            (30, "click", self._click),
            (6, "double click", self._double_click),
            (3, "right click", self._right_click),
            (10, "drag", self._drag),
            (15, "key", self._key),
            (8, "type", self._type),
            (18, "command", self._command),
            (5, "undo", self._undo),
            (4, "wheel", self._wheel),
            (3, "network", self._network),
            (4, "train", self._train),
            (2, "theme", self._theme),
            (1, "letters", self._letters),
            (4, "panel", self._panel),
            (2, "size", self._size),
            (2, "clipboard", self._clipboard),
            (1, "mishap", self._mishap),
            (1, "wait", self._wait),
        ]

    def play(self, seconds: float) -> None:
        """Acts for so long."""
        loop = QEventLoop()
        QTimer.singleShot(int(1000 * seconds), self, self._tire)
        self._enough = loop.quit
        self._go_on()
        loop.exec()

    def _go_on(self) -> None:
        """The next act; each is a timer of its own, as one does not fire again while it is being answered."""
        QTimer.singleShot(self._pace_ms, self, self._act)

    def _tire(self) -> None:
        """From now on it only closes what waits for an answer."""
        self._tired = True

    def leave(self) -> list[str]:
        """Closes everything; what stays behind in words."""
        QFileDialog.getOpenFileName, QFileDialog.getSaveFileName, QFileDialog.getExistingDirectory = self._asked  # type: ignore[method-assign]
        self._wake()
        for window in list(self.windows.open_ones):
            window.session.close()
            while window.filing.saving:
                wait(10)
            window.document.replace(window.document.project)
            window.close()
        wait(200)
        left = [f"The window {w.windowTitle()} stays." for w in self.windows.open_ones]
        deadline = time.monotonic() + 60  # machines that test are busy
        while multiprocessing.active_children() and time.monotonic() < deadline:
            wait(50)
        return left + [f"The process {process.name} stays." for process in multiprocessing.active_children()]

    # --- one act -----------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        if self._tired or self._depth > 6:
            self._close_popups()
            if self._tired and self._depth == 0:
                self._enough()
            else:
                self._go_on()
            return
        self._go_on()
        if not self.windows.open_ones:
            self.windows.open()
        if len(self.windows.open_ones) > MOST_WINDOWS:
            self._throw_away(self.windows.open_ones[0])
        weights = [weight for weight, _, _ in self._acts]
        _, name, act = self.draw.choices(self._acts, weights)[0]
        self.count += 1
        self._depth += 1
        entry = f"{name} …"
        self.done.append(entry)
        try:
            about = act()
        finally:
            self._depth -= 1
        told = f"{name} {about}".strip()
        if entry in self.done:
            self.done[self.done.index(entry)] = told
        self._tell(told)

    def _throw_away(self, window: MainWindow) -> None:
        """Closes a window without being asked anything."""
        window.session.close()
        if not window.filing.saving and QApplication.activeModalWidget() is None:
            window.document.replace(window.document.project)
            window.close()

    def _window(self) -> MainWindow:
        return self.draw.choice(self.windows.open_ones)

    def _top(self) -> QWidget:
        """What takes the mouse now: a menu, a dialog, or a window."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        return top or self._window()

    def _target(self) -> QWidget:
        """What lies under a point somewhere in sight, as it would under a mouse."""
        top = self._top()
        for _ in range(TRIES):
            found = top.childAt(self._somewhere(top))
            if found is not None and found.isEnabled() and not isinstance(found, QMenuBar):
                self._seen = [top, found]  # Qt's own widgets are known to Python for as long as somebody holds them
                return found
        return top

    def _somewhere(self, widget: QWidget) -> QPoint:
        return QPoint(self.draw.randrange(max(1, widget.width())), self.draw.randrange(max(1, widget.height())))

    def _click(self) -> str:
        widget = self._target()
        held = self.draw.choice([Qt.KeyboardModifier.NoModifier] * 6 + [_MODIFIERS[0], _MODIFIERS[1]])
        told = _named(widget)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, held, self._somewhere(widget))
        return told

    def _double_click(self) -> str:
        widget = self._target()
        told = _named(widget)
        QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._somewhere(widget))
        return told

    def _right_click(self) -> str:
        widget = self._target()
        told = _named(widget)
        QTest.mouseClick(widget, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, self._somewhere(widget))
        return told

    def _drag(self) -> str:
        widget = self._target()
        told, none = _named(widget), Qt.KeyboardModifier.NoModifier
        if isinstance(widget, QAbstractItemView) and widget.dragEnabled():
            return f"{told}: left alone, a real drag waits for a real mouse"
        button = self.draw.choice([Qt.MouseButton.LeftButton] * 5 + [Qt.MouseButton.MiddleButton])
        QTest.mousePress(widget, button, none, self._somewhere(widget))
        for _ in range(self.draw.randint(1, 6)):
            if not shiboken6.isValid(widget):
                return told
            QTest.mouseMove(widget, self._somewhere(widget))
        if self.draw.random() < 0.1:
            QTest.keyClick(widget, Qt.Key.Key_Escape)
        if shiboken6.isValid(widget):
            QTest.mouseRelease(widget, button, none, self._somewhere(widget))
        return told

    def _key(self) -> str:
        widget = QApplication.focusWidget() or self._top()
        key = self.draw.choice(KEYS)
        held = self.draw.choice([Qt.KeyboardModifier.NoModifier] * 6 + list(_MODIFIERS))
        QTest.keyClick(widget, key, held)
        return f"{key.name} {held.name or ''}"

    def _type(self) -> str:
        widget, text = QApplication.focusWidget() or self._top(), self.draw.choice(TEXTS)
        if isinstance(widget, QLineEdit):
            widget.setText(text)
            QTest.keyClick(widget, Qt.Key.Key_Return)
        else:
            for letter in text[:20]:  # QTest knows Latin keys alone, and ends the process at others
                QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, 0, _NONE, letter))
                if not shiboken6.isValid(widget):
                    break
        return ascii(text[:20])

    def _command(self) -> str:
        window = self._window()
        name = self.draw.choice(list(window.actions_))
        if name in ("close_window", "quit", "new_network") and self.draw.random() < 0.9:
            return "left alone"
        action: QAction = window.actions_[name]
        if QApplication.activeModalWidget() is None:
            action.trigger()
        return name

    def _undo(self) -> str:
        stack = self._window().document.undo_stack
        times = self.draw.randint(1, 20)
        for _ in range(times):
            (stack.undo if self.draw.random() < 0.6 else stack.redo)()
        return str(times)

    def _wheel(self) -> str:
        from PySide6.QtCore import QPointF
        from PySide6.QtGui import QWheelEvent

        widget = self._target()
        at = QPointF(self._somewhere(widget))
        turned = QPoint(0, self.draw.choice([-120, 120, -1200, 1200]))
        held = self.draw.choice([Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier])
        there = QPointF(widget.mapToGlobal(at.toPoint()))
        event = QWheelEvent(
            at, there, QPoint(), turned, Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.postEvent(widget, event)
        return _named(widget)

    def _network(self) -> str:
        from engine.templates import template

        window, name = self._window(), self.draw.choice(list(SMALL) * 3 + list(template_names()))
        window.document.replace(window.document.project)  # nothing is asked, and no window more is opened
        window.document.path = None
        if name in template_names():
            window.show_network(template(name))
        return name

    def _train(self) -> str:
        session = self._window().session
        act = self.draw.choice(
            [session.start, session.start, session.pause, session.resume, session.step, session.stop, session.go_on]
        )
        if act == session.go_on and not session.can_go_on:
            return "cannot go on"
        act()
        return str(act.__name__)

    def _theme(self) -> str:
        preferred().set(theme=self.draw.choice([LIGHT, DARK]))
        return appearance().theme.name

    def _letters(self) -> str:
        """As when the system's font is changed."""
        font = QApplication.font()
        font.setPointSize(self.draw.choice(LETTERS_PT))
        QApplication.setFont(font)
        return str(font.pointSize())

    def _panel(self) -> str:
        window = self._window()
        name = self.draw.choice(list(window.docks))
        window.workspace.show(name)
        return name

    def _size(self) -> str:
        window = self._window()
        act = self.draw.randrange(5)
        if act == 0:
            window.resize(1, 1)
        elif act == 1:
            window.showMinimized()
            QTimer.singleShot(300, window, window.showNormal)
        else:
            window.resize(self.draw.randint(100, 2000), self.draw.randint(100, 1300))
        return str(act)

    def _clipboard(self) -> str:
        board, text = QApplication.clipboard(), self.draw.choice(CLIPBOARD)
        if self.draw.random() < 0.3:
            image = QImage(self.draw.choice([1, 28, 3000]), self.draw.choice([1, 28, 3000]), QImage.Format.Format_RGB32)
            image.fill(self.draw.randrange(1 << 24))
            board.setImage(image)
            return "picture"
        board.setText(text)
        if QApplication.activeModalWidget() is None:
            self._window().actions_["paste"].trigger()
        return ascii(text[:20])

    def _mishap(self) -> str:
        """Something for which the user can do nothing."""
        window = self._window()
        act = self.draw.choice(["kill", "stop", "wake", "break runs", "lose files", "close"])
        pipes = [window.session._pipe.link, window.session.browsing._pipe.link]
        links = [link for link in pipes if isinstance(link, Link) and not link.ended and link.process.pid]
        if act in ("kill", "stop") and links:
            process = self.draw.choice(links).process
            if process.is_alive() and process.pid:
                os.kill(process.pid, signal.SIGKILL if act == "kill" else signal.SIGSTOP)
                self._stopped += [process.pid] if act == "stop" else []
        elif act == "wake":
            self._wake()
        elif act == "break runs":
            _break_runs(window.session.kept.folder, self.draw)
        elif act == "lose files":
            _write_hostile_files(self.place)
        elif act == "close" and self.draw.random() < 0.5:
            window.close()
        return act

    def _wake(self) -> None:
        for pid in self._stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue
        self._stopped = []

    def _wait(self) -> str:
        self._pace_ms = self.draw.choice([0, TICK_MS, TICK_MS, 50])
        return f"{self._pace_ms} ms"

    def _close_popups(self) -> None:
        for _ in range(20):
            top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if top is None:
                return
            QApplication.postEvent(top, QEvent(QEvent.Type.Close)) if isinstance(top, QMenu) else None
            if isinstance(top, QMessageBox):
                box = top
                buttons = [b for b in box.buttons() if box.buttonRole(b) != QMessageBox.ButtonRole.AcceptRole]
                (buttons or box.buttons())[0].click()
            elif isinstance(top, QDialog):
                top.reject()
            else:
                top.close()

    # --- files -------------------------------------------------------------------------------------------------------

    def _some_path(self) -> str:
        return str(self.draw.choice(["", *sorted(self.place.glob("*"))]))

    def _some_target(self) -> str:
        endings = ("svg", "png", "pdf", "txt", "json", "csv", "zip", "convstudio", "onnx", "")
        where = self.draw.choice(["saved", "nowhere/at/all", "/proc", "/dev/full/x", "é\u202e", "\0", "a" * 300])
        return self.draw.choice(["", str(self.place / f"{where}.{self.draw.choice(endings)}")])


_NONE = Qt.KeyboardModifier.NoModifier
_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def _named(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}".strip()


def _write_hostile_files(place: Path) -> None:
    """Files of every ending that hold something else."""
    for ending in ("convstudio", "json", "png", "npz", "npy", "csv", "zip"):
        for name, content in (("empty", b""), ("garbled", os.urandom(300)), ("text", b"[1, 2")):
            (place / f"{name}.{ending}").write_bytes(content)
    for label in ("cats", "dogs"):
        (place / "pictures" / label).mkdir(parents=True, exist_ok=True)
        (place / "pictures" / label / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (place / "nothing").mkdir(exist_ok=True)


def _break_runs(folder: Path, draw: random.Random) -> None:
    """Cuts a file of a run in half, or puts something strange beside the runs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a file").write_text("no run")
    (folder / "empty").mkdir(exist_ok=True)
    files = [file for file in folder.glob("*/*") if file.is_file() and not file.name.endswith(".part")]
    if files:
        victim = draw.choice(sorted(files))
        try:
            victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
        except OSError:
            return
