"""The window in its main states, one after the other, as anyone would bring it there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from PySide6.QtCore import QSettings, QSize
from PySide6.QtWidgets import QApplication, QWidget

from convstudio.application import Application
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.scenes import trained, untrained
from convstudio.scenes.stage import Stage
from convstudio.workplaces import COMPOSE, SEE, TRAIN
from engine.data.source import DataSource


@attrs.frozen
class Scene:
    """A state of the window; `play` brings it there, and returns a dialog where the picture is of that."""

    name: str
    play: Callable[[Stage], QWidget | None]
    place: str = COMPOSE


UNTRAINED = (
    Scene("welcome", untrained.welcome),
    Scene("tour", untrained.tour),
    Scene("lenet", untrained.lenet),
    Scene("empty", untrained.empty),
    Scene("several", untrained.several),
    Scene("problems", untrained.problems),
    Scene("layers", untrained.layers),
    Scene("block", untrained.block),
    Scene("deleted", untrained.deleted),
    Scene("branches", untrained.branches),
    Scene("residual", untrained.residual),
    Scene("commands", untrained.commands),
    Scene("compare", untrained.compare),
    Scene("pattern", untrained.pattern),
    Scene("preferences", untrained.preferences),
    Scene("recovery", untrained.recovery),
)
TRAINED = (
    Scene("trained", trained.trained, TRAIN),
    Scene("data", trained.data, TRAIN),
    Scene("runs", trained.runs, TRAIN),
    Scene("profile", trained.profile, TRAIN),
    Scene("filters", trained.filters, SEE),
    Scene("maps", trained.maps, SEE),
    Scene("ledger", trained.ledger, SEE),
    Scene("mistakes", trained.mistakes, SEE),
    Scene("features", trained.features, SEE),
    Scene("draw", trained.draw, SEE),
    Scene("training", trained.training, TRAIN),
)


def take_pictures(folder: Path, size: QSize, source: DataSource, names: tuple[str, ...] = ()) -> Iterator[Path]:
    """Writes every state, or those that are named, in both themes."""
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or Application(["convstudio"])
    assert isinstance(application, QApplication)
    stage = Stage(size, source)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:  # the user's own things are left alone
        for folder_of in ("CONFIG", "DATA", "STATE"):
            os.environ[f"XDG_{folder_of}_HOME"] = place
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, place)
        application.setOrganizationName("ConvStudio")
        application.setApplicationName("pictures")
        appearance().dress(application)
        for look in (LIGHT, DARK):
            appearance().choose(look)
            for scene in _wanted(UNTRAINED, names):
                stage.open()
                yield _picture(stage, scene, folder / f"{scene.name}-{look}.png")
                stage.close()
        wanted = _wanted(TRAINED, names)
        if wanted:
            stage.train()
            for look in (LIGHT, DARK):
                appearance().choose(look)
                for scene in wanted:
                    yield _picture(stage, scene, folder / f"{scene.name}-{look}.png")
                stage.rest()
            stage.close()


def scene_names() -> tuple[str, ...]:
    """Every state there is."""
    return tuple(scene.name for scene in (*UNTRAINED, *TRAINED))


def _wanted(scenes: tuple[Scene, ...], names: tuple[str, ...]) -> list[Scene]:
    return [scene for scene in scenes if not names or scene.name in names]


def _picture(stage: Stage, scene: Scene, path: Path) -> Path:
    stage.window.stand_at(scene.place)
    target = scene.play(stage) or stage.window
    stage.settle()
    target.grab().save(str(path))
    if target is not stage.window:
        target.close()
    return path
