"""How one looks at a network: from its beginning, nearer and farther."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from convstudio.document.project import ACROSS, DOWN
from engine.graph import Graph, chain
from engine.spec import make


def turn_wheel(canvas: Canvas, eighths: int) -> None:
    place = QPointF(canvas.viewport().rect().center())
    event = QWheelEvent(
        place,
        canvas.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, eighths),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_a_very_long_network_is_seen_whole_and_comes_nearer_by_steps(made_canvas: Callable[[Graph], Canvas]) -> None:
    canvas = made_canvas(chain(make("input"), *(make("relu") for _ in range(199))))
    canvas.document.perform(edits.lay_out(canvas.document.project))
    canvas.zoom_to_fit()
    far = canvas.zoom
    assert far < 0.1
    turn_wheel(canvas, -120)
    assert canvas.zoom == pytest.approx(far)  # there is nothing to see from farther off
    turn_wheel(canvas, 120)
    assert far < canvas.zoom < 1.3 * far


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
@pytest.mark.parametrize("away", [(3000.0, 0.0), (-3000.0, 40.0), (0.0, 3000.0), (0.0, -3000.0)])
def test_the_first_layer_is_seen_first_wherever_other_things_stand(
    lenet: Canvas, flow: str, away: tuple[float, float]
) -> None:
    document = lenet.document
    document.perform(edits.set_flow(document.project, flow))
    document.perform(edits.add_comment(document.project, away, "Far off"))
    lenet.show_start()
    seen = lenet.mapToScene(lenet.viewport().rect()).boundingRect()
    assert seen.contains(lenet.scene_.cards["input"].face())


def test_what_there_is_room_for_stands_in_the_middle(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.add_comment(document.project, (240.0, 0.0), "Beside it"))
    lenet.show_start()
    middle = lenet.mapToScene(lenet.viewport().rect()).boundingRect().center().x()
    assert middle == pytest.approx(lenet.scene_.content().center().x(), abs=2)


@pytest.mark.parametrize("start", [-5000.0, 300.0, 5000.0])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_what_is_selected_and_larger_than_the_view_is_seen_from_its_beginning(
    lenet: Canvas, zoom: float, start: float
) -> None:
    lenet.zoom_by(zoom / lenet.zoom)
    lenet.select_all()
    lenet.centerOn(0.0, start)
    lenet.show_selection()
    seen = lenet.mapToScene(lenet.viewport().rect()).boundingRect()
    assert seen.contains(lenet.scene_.cards["input"].face())


def test_a_folded_block_at_the_beginning_is_seen_first(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.group(document.project, {"input", "conv1"}))
    document.perform(edits.set_collapsed(document.project, "block1", True))
    document.perform(edits.add_comment(document.project, (4000.0, 0.0), "Far off"))
    lenet.show_start()
    seen = lenet.mapToScene(lenet.viewport().rect()).boundingRect()
    assert seen.contains(lenet.scene_.blocks["block1"].face())
