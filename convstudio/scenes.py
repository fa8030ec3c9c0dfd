"""The window in its main states, one after the other, as anyone would bring it there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.main_window import MainWindow
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.tour import Tour
from engine.graph import Edge, Graph
from engine.templates import template

SETTLE_MS = 300  # animations of the layout are over by then


def take_pictures(folder: Path, width: int, height: int) -> Iterator[Path]:
    """Writes every state in both themes."""
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or QApplication(["convstudio"])
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory() as place:  # the user's own arrangement of panels is left alone
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, place)
        application.setOrganizationName("ConvStudio")
        application.setApplicationName("pictures")
        for look in (LIGHT, DARK):
            appearance().choose(look)
            appearance().dress(application)
            for name, scene in SCENES.items():
                path = folder / f"{name}-{look}.png"
                window = MainWindow(Document(Project(template("lenet5"))))
                window.resize(width, height)
                window.show()
                window.canvas.show_start()
                dialog = scene(window)
                target: QWidget = dialog if isinstance(dialog, QWidget) else window
                _settle()
                target.grab().save(str(path))
                window.document.replace(window.document.project)
                window.close()
                window.deleteLater()
                yield path


def _settle() -> None:
    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


def _welcome(window: MainWindow) -> None:
    window.pages.setCurrentWidget(window.welcome)


def _tour(window: MainWindow) -> None:
    window.start_tour()
    tour = window.findChild(Tour)
    if tour is not None:
        tour.bubble.on.click()
        tour.bubble.on.click()


def _lenet(window: MainWindow) -> None:
    window.document.select(["conv2"])


def _empty(window: MainWindow) -> None:
    window.document.replace(Project(Graph(name="Untitled")))
    window.canvas.show_start()


def _several(window: MainWindow) -> None:
    window.document.select(["conv1", "conv2"])
    window.canvas.zoom_to_fit()


def _problems(window: MainWindow) -> None:
    document = window.document
    document.perform(edits.delete(document.project, {"flatten1"}))
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    document.perform(edits.disconnect(document.project, Edge("relu2", "max_pool2")))
    document.select(["conv2"])


def _branches(window: MainWindow) -> None:
    window.document.replace(Project(template("googlenet")))
    window.editing.arrange()
    window.canvas.show_start()


def _residual(window: MainWindow) -> None:
    window.document.replace(Project(template("resnet18")))
    window.canvas.zoom_to_fit()


def _pattern(window: MainWindow) -> PatternBuilder:
    builder = PatternBuilder(window)
    builder.show()
    return builder


SCENES: Mapping[str, Callable[[MainWindow], object]] = {
    "welcome": _welcome,
    "tour": _tour,
    "lenet": _lenet,
    "empty": _empty,
    "several": _several,
    "problems": _problems,
    "branches": _branches,
    "residual": _residual,
    "pattern": _pattern,
}
