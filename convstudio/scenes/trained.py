"""Scenes with a network that has really learned."""

from __future__ import annotations

from convstudio.panels.draw.panel import DrawPanel
from convstudio.panels.filters.panel import FiltersPanel
from convstudio.panels.mistakes.panel import MistakesPanel
from convstudio.panels.profile.panel import ProfilePanel
from convstudio.scenes.stage import Stage

ANSWER_MS = 1200  # an answer of the process, and pictures drawn from it


def trained(stage: Stage) -> None:
    show(stage, "charts")
    show(stage, "train")


def training(stage: Stage) -> None:
    stage.train_on()


def data(stage: Stage) -> None:
    show(stage, "data", ANSWER_MS)


def runs(stage: Stage) -> None:
    show(stage, "runs", ANSWER_MS)


def profile(stage: Stage) -> None:
    panel = stage.window.workspace.show("profile")
    assert isinstance(panel, ProfilePanel)
    panel.measure()
    stage.settle(4 * ANSWER_MS)


def filters(stage: Stage) -> None:
    stage.window.document.select(["conv1"])
    panel = stage.window.workspace.show("filters")
    assert isinstance(panel, FiltersPanel)
    stage.settle(ANSWER_MS)
    stage.click(panel.grid, 40, 40)
    stage.settle(2 * ANSWER_MS)


def maps(stage: Stage) -> None:
    stage.window.document.select(["conv1"])
    show(stage, "maps", 2 * ANSWER_MS)


def ledger(stage: Stage) -> None:
    stage.window.document.select(["conv2"])
    stage.window.session.explain_number("conv2", (3, 4, 5))
    stage.settle(2 * ANSWER_MS)


def mistakes(stage: Stage) -> None:
    panel = stage.window.workspace.show("mistakes")
    assert isinstance(panel, MistakesPanel)
    stage.wait(panel.matrix.isVisible)
    stage.settle(ANSWER_MS)


def features(stage: Stage) -> None:
    show(stage, "features", 6 * ANSWER_MS)


def draw(stage: Stage) -> None:
    panel = stage.window.workspace.show("draw")
    assert isinstance(panel, DrawPanel)
    stage.window.document.select(["conv1"])
    stage.window.workspace.show("maps")
    stage.settle(ANSWER_MS)
    stage.draw_seven(panel.pad)
    stage.settle(2 * ANSWER_MS)


def show(stage: Stage, panel: str, milliseconds: int = 0) -> None:
    stage.window.workspace.show(panel)
    stage.settle(milliseconds)
