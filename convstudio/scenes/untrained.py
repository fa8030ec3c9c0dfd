"""Scenes that need no training: composing, and the window itself."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PySide6.QtWidgets import QWidget

from convstudio.document import edits, files
from convstudio.document.autosave import PROJECT, Recovery
from convstudio.document.project import Project
from convstudio.panels.layers.columns import TITLES
from convstudio.panels.layers.panel import LayersPanel
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.preferences import preferred
from convstudio.preferences_dialog import PreferencesDialog
from convstudio.recovery import RecoveryDialog
from convstudio.scenes.stage import Stage
from convstudio.tour import Tour
from convstudio.wording import PARAMETERS
from engine.graph import Edge, Graph
from engine.spec import make
from engine.templates import template


def welcome(stage: Stage) -> None:
    stage.window.pages.setCurrentWidget(stage.window.welcome)


def tour(stage: Stage) -> None:
    stage.window.start_tour()
    found = stage.window.findChild(Tour)
    if found is not None:
        found.bubble.on.click()
        found.bubble.on.click()


def lenet(stage: Stage) -> None:
    stage.window.document.select(["conv2"])


def empty(stage: Stage) -> None:
    stage.window.document.replace(Project(Graph(name="Untitled")))
    stage.window.canvas.show_start()


def several(stage: Stage) -> None:
    stage.window.document.select(["conv1", "conv2"])
    stage.window.canvas.zoom_to_fit()


def problems(stage: Stage) -> None:
    document = stage.window.document
    document.perform(edits.delete(document.project, {"flatten1"}))
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    document.perform(edits.disconnect(document.project, Edge("relu2", "max_pool2")))
    document.select(["conv2"])


def layers(stage: Stage) -> None:
    panel = stage.window.workspace.show("layers")
    assert isinstance(panel, LayersPanel)
    stage.window.document.select(["max_pool1", "conv2"])
    header, column = panel.table.horizontalHeader(), TITLES.index(PARAMETERS)
    place = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    stage.click(header.viewport(), place, header.height() // 2)


def block(stage: Stage) -> None:
    """Layers under one name, twice, and what they come to."""
    document = stage.window.document
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Eyes"))
    (made,) = document.project.blocks
    document.perform(edits.set_repeat(document.project, made.id, 2))
    document.perform(edits.set_collapsed(document.project, made.id, True))
    document.select([made.id])


def deleted(stage: Stage) -> None:
    """What was deleted is told, below the message of something that could not be done."""
    stage.window.document.select(["relu1", "max_pool1"])
    stage.window.editing.delete()
    stage.window.editing.ungroup()


def branches(stage: Stage) -> None:
    stage.window.document.replace(Project(template("googlenet")))
    stage.window.editing.arrange()
    stage.window.canvas.show_start()


def residual(stage: Stage) -> None:
    stage.window.document.replace(Project(template("resnet18")))
    stage.window.canvas.zoom_to_fit()


def commands(stage: Stage) -> None:
    stage.window.find_command()
    stage.window.commands.field.setText("arr")


def edit(stage: Stage) -> None:
    """Some edits that show in more than one layer."""
    document = stage.window.document
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 3))
    document.perform(edits.delete(document.project, {"relu4"}))
    document.perform(edits.append(document.project, make("softmax"), "dense3"))


def compare(stage: Stage) -> None:
    edit(stage)
    stage.window.compare_saved()
    stage.window.next_difference()


def pattern(stage: Stage) -> QWidget:
    return shown(PatternBuilder(stage.window))


def preferences(stage: Stage) -> QWidget:
    return shown(PreferencesDialog(preferred(), stage.window))


def recovery(stage: Stage) -> QWidget:
    before = stage.window.document.project
    edit(stage)
    with tempfile.TemporaryDirectory() as place:
        saved, copy = Path(place) / "LeNet-5.convstudio", Path(place) / PROJECT
        files.write(saved, files.Stored(before))
        files.write(copy, files.Stored(stage.window.document.project))
        left = Recovery(Path(place), "LeNet-5", saved, time.time())
        return shown(RecoveryDialog(left, stage.window))


def shown(dialog: QWidget) -> QWidget:
    dialog.show()
    return dialog
