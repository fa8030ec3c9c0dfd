"""What cards ask of a session, and what they show: no more than is wanted, and nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.live import Numbers
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.layout import lay_out
from convstudio.document.project import Block, Project
from convstudio.live_cards import GRADIENTS, HEALTH, HEALTHY, PICTURES, TIMES, LiveCards, drawn
from convstudio.look import colormaps
from convstudio.look.theme import DARK, LIGHT, appearance, theme
from convstudio.training.session import Session
from engine.data.source import DataSource
from engine.graph import chain
from engine.health import Finding, Health
from engine.link import InlineLink
from engine.profile import LayerCost, Profile
from engine.progress import FINISHED, TRAINING
from engine.protocol import PAUSED, Picture, Report
from engine.questions import CheckHealth, HealthChecked, MeasureLayers, NotAnswered, Profiled
from engine.settings import TrainingSettings
from engine.spec import Fix, make
from engine.templates import template
from tests.patience import PATIENCE_MS

DEAD = Finding("relu1", "dead", "serious", "relu1 is dead.", (Fix("Replace relu1", "replace", value="leaky_relu"),))
TILE = np.arange(784, dtype=np.uint16).reshape(1, 28, 28).astype(np.uint8)


class Asked(QObject):
    """A session that remembers what it is asked."""

    reported, answered, phase_changed = Signal(object), Signal(object), Signal(str)
    started, shown = Signal(bool), Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.number, self.running = 0, False
        self.questions: list[Any] = []
        self.watched: tuple[str, ...] = ()

    def new_number(self) -> int:
        self.number += 1
        return self.number

    def ask_about(self, question: Any) -> None:
        self.questions.append(question)

    def watch(self, panel: str, nodes: tuple[str, ...]) -> None:
        assert panel == "cards"
        self.watched = nodes

    def begin(self) -> None:
        self.running = True
        self.started.emit(False)
        self.phase_changed.emit(TRAINING)

    def end(self) -> None:
        self.running = False
        self.phase_changed.emit(FINISHED)

    def kinds(self) -> list[type[Any]]:
        return [type(question) for question in self.questions]


@pytest.fixture
def session() -> Asked:
    return Asked()


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas(Document(Project(template("lenet5"))))
    qtbot.addWidget(made)
    made.resize(700, 800)
    made.show()
    made.show_start()
    return made


@pytest.fixture
def cards(canvas: Canvas, session: Asked) -> Iterator[LiveCards]:
    QSettings().clear()
    yield LiveCards(canvas.document, session, canvas)  # type: ignore[arg-type]
    session.end()
    QSettings().clear()


def settle(cards: LiveCards) -> None:
    """What happens once nothing has been scrolled for a moment."""
    cards._settled.stop()
    cards._watch()


def profile() -> Profile:
    costs = [LayerCost("conv1", 1.0, 2.0, 60.0, 30.0, 20_000, 1_000), LayerCost("relu1", 0.0, 0.0, 0.0, 0.0, 0, 0)]
    costs += [LayerCost(name, 0.25, 0.25, 1.0, 1.0, 1_000, 0) for name in ("conv2", "conv2·2")]
    return Profile(tuple(costs), 64, 2, 0.5, 0.5, 100.0, 200, 12_800, 30_000)


def report(step: int = 30, *pictures: Picture) -> Report:
    return Report(TRAINING, step=step, seen=640, samples_per_epoch=1280, pictures=pictures)


def health(*findings: Finding, settled: bool = True) -> Health:
    return Health(40, findings, {"conv1": 3.21e-4, "conv2": 0.0, "dense1": 1.26}, {}, settled)


# --- pictures --------------------------------------------------------------------------------------------------------


def test_nothing_is_watched_before_there_is_something_to_see(cards: LiveCards, session: Asked) -> None:
    settle(cards)
    assert session.watched == ()
    session.begin()
    settle(cards)
    assert {"input", "conv1"} < set(session.watched)
    assert "dense3" not in session.watched


def test_what_is_looked_at_is_watched_at_rest_too(cards: LiveCards, session: Asked) -> None:
    session.shown.emit(3)
    settle(cards)
    assert "conv1" in session.watched


def test_a_trained_network_is_watched_at_rest(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    canvas.document.set_weights({"conv1.weight": np.zeros((6, 1, 5, 5), np.float32)})
    settle(cards)
    assert "conv1" in session.watched


def test_scrolling_and_zooming_change_what_is_watched(
    cards: LiveCards, session: Asked, canvas: Canvas, qtbot: QtBot
) -> None:
    session.begin()
    settle(cards)
    canvas.centerOn(canvas.scene_.cards["dense3"].face().center())
    qtbot.waitUntil(lambda: "dense3" in session.watched)
    assert "input" not in session.watched
    canvas.zoom_by(0.2)
    qtbot.waitUntil(lambda: session.watched == ())
    canvas.zoom_by(5)
    qtbot.waitUntil(lambda: session.watched != ())
    canvas.hide()
    qtbot.waitUntil(lambda: session.watched == ())


def test_pictures_come_to_the_cards_and_follow_the_theme(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    session.begin()
    session.reported.emit(report(30, Picture("conv1", TILE, signed=True)))
    glance = canvas.live._glances["conv1"]
    assert glance.image is not None
    before = glance.image.pixelColor(0, 0)
    assert before.rgb() == colormaps.packed(colormaps.SIGNED)[0]
    try:
        appearance().choose(DARK)
        assert glance.image.pixelColor(0, 0) != before
    finally:
        appearance().choose(LIGHT)


def test_a_hidden_canvas_draws_nothing(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    session.begin()
    canvas.hide()
    session.reported.emit(report(30, Picture("conv1", TILE, signed=True)))
    assert "conv1" not in canvas.live._glances or canvas.live._glances["conv1"].image is None
    assert session.questions == []


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_layers_are_timed_once_in_a_run(cards: LiveCards, session: Asked) -> None:
    session.begin()
    session.reported.emit(report(19))
    assert session.questions == []
    session.reported.emit(report(20))
    session.reported.emit(report(21))
    assert session.kinds() == [MeasureLayers]


@pytest.mark.usefixtures("cards")
def test_layers_that_somebody_has_timed_are_not_timed_again(session: Asked) -> None:
    session.begin()
    session.answered.emit(Profiled(99, profile(), True))
    session.reported.emit(report(20))
    assert session.questions == []


def test_shares_and_gradients_are_shown(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    session.begin()
    cards._check()
    session.answered.emit(HealthChecked(session.number, health()))
    session.answered.emit(Profiled(99, profile(), True))  # whoever has asked
    rows = {name: row.numbers for name, row in canvas.live._rows.items()}
    assert rows == {
        "conv1": Numbers(0.75, "0.00032"),
        "conv2": Numbers(0.25, "0"),  # both of its copies
        "dense1": Numbers(None, "1.3"),
    }


def test_another_network_has_no_numbers_yet(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    session.answered.emit(Profiled(1, profile(), True))
    assert canvas.scene_.cards["conv1"].measured
    canvas.document.perform(edits.set_network(canvas.document.project, template("mlp"), "Another network"))
    canvas.document.perform(edits.set_network(canvas.document.project, template("lenet5"), "The first one"))
    assert not canvas.scene_.cards["conv1"].measured


# --- health ----------------------------------------------------------------------------------------------------------


def test_health_is_asked_for_once_a_second_while_it_trains(cards: LiveCards, session: Asked) -> None:
    cards._check()
    assert session.questions == []
    session.begin()
    assert cards._pulse.isActive()
    assert cards._pulse.interval() == 1000
    cards._check()
    cards._check()  # the first one has not been answered yet
    assert session.questions == [CheckHealth(1)]
    session.answered.emit(NotAnswered(1, "There is no network in training yet."))
    cards._check()
    assert session.questions == [CheckHealth(1), CheckHealth(2)]
    session.phase_changed.emit(PAUSED)
    assert not cards._pulse.isActive()


def test_findings_are_signs_on_cards_and_sentences(
    cards: LiveCards, session: Asked, canvas: Canvas, qtbot: QtBot
) -> None:
    session.begin()
    assert cards.verdict == ""
    cards._check()
    with qtbot.waitSignal(cards.health_changed):
        session.answered.emit(HealthChecked(1, health(DEAD)))
    assert canvas.scene_.cards["relu1"].toolTip() == "relu1 is dead."
    assert cards.verdict == "relu1 is dead."
    cards._check()
    session.answered.emit(HealthChecked(2, health()))
    assert canvas.scene_.cards["relu1"].toolTip() == ""
    assert cards.verdict == HEALTHY
    session.end()
    assert cards.verdict == ""


def test_nobody_is_called_healthy_too_early(cards: LiveCards, session: Asked) -> None:
    session.begin()
    cards._check()
    session.answered.emit(HealthChecked(1, health(settled=False)))
    assert cards.verdict == ""


def test_a_new_run_starts_with_a_clean_record(cards: LiveCards, session: Asked) -> None:
    session.begin()
    cards._check()
    session.answered.emit(HealthChecked(1, health(DEAD)))
    session.end()
    assert cards.findings == (DEAD,)
    session.begin()
    assert cards.findings == ()


def test_an_edit_at_rest_ends_what_was_found(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    session.begin()
    cards._check()
    session.answered.emit(HealthChecked(1, health(DEAD)))
    move = edits.set_field(canvas.document.project, {"conv1"}, "out_channels", 8)
    canvas.document.perform(move)
    assert cards.findings == (DEAD,)  # the run goes on with what it has
    session.end()
    canvas.document.undo_stack.undo()
    assert cards.findings == ()


def test_the_sign_of_a_copy_stands_on_the_layer_that_is_drawn(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    block = Block("b", "twice", ("relu1",), repeat=2)
    canvas.document.replace(Project(template("lenet5"), blocks=(block,)))
    session.begin()
    cards._check()
    copy = Finding("relu1·2", "dead", "serious", "relu1·2 is dead.")
    session.answered.emit(HealthChecked(session.number, health(copy)))
    assert canvas.scene_.cards["relu1"].toolTip() == "relu1·2 is dead."


def test_progress_is_there_while_it_runs(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    session.begin()
    session.reported.emit(report())
    assert {glance.progress for glance in canvas.live._glances.values()} == {0.5}
    session.end()
    assert {glance.progress for glance in canvas.live._glances.values()} == {None}


# --- toggles ---------------------------------------------------------------------------------------------------------


def test_everything_can_be_turned_off_and_stays_off(cards: LiveCards, session: Asked, canvas: Canvas) -> None:
    menu = QMenu()
    cards.add_to(menu)
    (own,) = menu.actions()
    texts = [action.text() for action in own.menu().actions()]  # type: ignore[union-attr, attr-defined]
    assert own.text() == "On the cards"
    assert texts == ["Pictures of activations", "Share of the time", "Size of gradients", "Health"]
    session.begin()
    settle(cards)
    cards._check()
    session.reported.emit(report(10, Picture("conv1", TILE, signed=True)))
    session.answered.emit(HealthChecked(1, health(DEAD)))
    session.answered.emit(Profiled(2, profile(), True))
    for action in cards.actions.values():
        action.trigger()
    card = canvas.scene_.cards["conv1"]
    assert (card.pictured, card.measured, canvas.scene_.cards["relu1"].toolTip()) == (False, False, "")
    assert session.watched == ()
    asked = len(session.questions)
    cards._check()
    session.reported.emit(report(30))
    assert len(session.questions) == asked
    again = LiveCards(canvas.document, session, canvas)  # type: ignore[arg-type]
    assert [action.isChecked() for action in again.actions.values()] == [False] * 4
    menu.deleteLater()


def test_turned_on_again_they_ask(cards: LiveCards, session: Asked) -> None:
    for name in (PICTURES, TIMES, GRADIENTS, HEALTH):
        cards.actions[name].trigger()
    session.begin()
    session.reported.emit(report(30))
    assert session.questions == []
    cards.actions[HEALTH].trigger()
    assert session.kinds() == [CheckHealth]
    cards.actions[TIMES].trigger()
    session.reported.emit(report(31))
    assert session.kinds() == [CheckHealth, MeasureLayers]
    cards.actions[PICTURES].trigger()
    assert "conv1" in session.watched


# --- drawing pictures ------------------------------------------------------------------------------------------------


def pixels(tiles: Any, room: int = 44, **how: Any) -> Any:
    image = drawn(Picture("conv1", np.asarray(tiles, np.uint8), **{"signed": False, **how}), room)
    return np.array([[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())], np.uint32)


def test_pixels_are_enlarged_by_whole_numbers() -> None:
    assert pixels(TILE).shape == (28, 28)
    assert pixels(TILE, room=88).shape == (84, 84)
    small = pixels(np.array([[[0, 255], [0, 0]]]))
    assert small.shape == (44, 44)
    spectrum = colormaps.packed(colormaps.SPECTRUM)
    assert (small[:22, 22:] == spectrum[255]).all()
    assert (small[22:] == spectrum[0]).all()


def test_channels_stand_side_by_side_with_even_gaps() -> None:
    made = pixels(np.full((4, 5, 5), 7))
    assert made.shape == (41, 41)  # twice 20 and a gap
    panel = theme().color("panel").rgb()
    assert (made[20] == panel).all()
    assert (made[:, 20] == panel).all()
    assert (made[:20, :20] == colormaps.packed(colormaps.SPECTRUM)[7]).all()


def test_many_features_stand_in_a_square_and_few_are_bars() -> None:
    assert pixels(np.full((1, 1, 120), 9)).shape == (44, 44)
    bars = pixels(np.array([0, 255, 128] + [0] * 7).reshape(1, 1, 10))
    assert bars.shape == (39, 44)
    plus = theme().category("convolution").rgb()
    assert [int((bars[4 * row] == plus).sum()) for row in range(3)] == [1, 44, 22]


def test_negative_features_have_the_other_colour() -> None:
    bars = pixels(np.array([1, 255]).reshape(1, 1, 2), signed=True)
    assert bars[0, 0] == theme().category("pooling").rgb()
    assert bars[-1, 0] == theme().category("convolution").rgb()


def test_a_sample_in_colour() -> None:
    made = pixels(np.stack([np.full((32, 32), value) for value in (255, 128, 0)]), is_sample=True)
    assert made.shape == (32, 32)
    assert (made == 0xFFFF8000).all()
    grey = pixels(np.full((1, 28, 28), 255), is_sample=True)
    assert (grey == colormaps.packed(colormaps.GREY)[255]).all()


# --- with a real trainer ---------------------------------------------------------------------------------------------


def test_cards_show_a_network_that_really_trains(tmp_path: Path, qtbot: QtBot) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (128, 1, 8, 8), dtype=np.uint8), np.arange(128) % 2
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    layers = make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=8), make("sigmoid")
    graph = chain(*layers, make("dense", out_features=2), name="tiny")
    settings = TrainingSettings(batch=32, epochs=10_000, threads=1, learning_rate=1e-8)
    project = Project(graph, settings=settings, data=DataSource(str(tmp_path / "own.npz")))
    document = Document(lay_out(project).project)
    canvas, session = Canvas(document), Session(document, InlineLink, tmp_path / "runs")
    qtbot.addWidget(canvas)
    canvas.resize(500, 700)
    canvas.show()
    canvas.show_start()
    cards = LiveCards(document, session, canvas)
    cards._pulse.setInterval(0)
    session.start()
    card = canvas.scene_.cards["dense1"]
    qtbot.waitUntil(lambda: card.pictured and card.measured, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: canvas.live._rows["dense1"].numbers.time_share is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: any(finding.kind == "slow" for finding in cards.findings), timeout=PATIENCE_MS)
    assert canvas.live._glances["dense1"].progress is not None
    assert canvas.live._rows["dense1"].numbers.gradient
    assert cards.verdict.startswith("The weights hardly move: ")
    session.close()
    cards._pulse.stop()
