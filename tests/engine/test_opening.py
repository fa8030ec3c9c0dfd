"""A network at rest is opened to be asked; an edited one goes on in the middle of its run."""

from pathlib import Path

import attrs
import numpy as np

from engine import Graph, chain, graph, make
from engine.batches import ArrayData
from engine.link import InlineLink
from engine.protocol import (
    Carried,
    Finished,
    Open,
    Opened,
    PhaseChanged,
    Predict,
    Prediction,
    Problem,
    Report,
    Start,
    StepOnce,
)
from engine.questions import NotAnswered
from engine.runs import Run
from tests.engine.talking import SETTINGS, a, phase, report, until


def test_a_network_at_rest_is_opened_and_asked(start: Start, tiny_data: ArrayData) -> None:
    trained, link, image = InlineLink(), InlineLink(), tiny_data.test.images[3]
    trained.send(start)
    until(trained, a(Finished))
    weights = Run.open(start.folder).checkpoint().arrays
    link.send(Open(start.network, SETTINGS, tiny_data, weights))
    link.send(Predict(1, image))  # before the network is there
    seen = until(link, a(Prediction))
    assert Opened() in seen
    assert not any(isinstance(message, (PhaseChanged, Report)) for message in seen)
    trained.send(Predict(2, image))
    theirs = next(m for m in trained.poll() if isinstance(m, Prediction))
    assert np.array_equal(seen[-1].scores, theirs.scores)
    assert report(link, "conv1").phase == "idle"


def test_what_cannot_be_opened_says_why_to_everybody_who_asked(start: Start, tiny_data: ArrayData) -> None:
    link = InlineLink()
    wrong = graph.dumps(chain(make("input", shape=(3, 8, 8)), make("flatten"), make("dense", out_features=3)))
    link.send(Open(wrong, SETTINGS, tiny_data))
    link.send(Predict(5, tiny_data.test.images[0]))
    seen = until(link, a(NotAnswered))
    opened = next(m for m in seen if isinstance(m, Opened))
    assert "(1, 8, 8)" in opened.problem or "1 × 8 × 8" in opened.problem
    assert seen[-1] == NotAnswered(5, opened.problem)


def test_a_run_is_not_thrown_away_by_opening(start: Start, tiny_data: ArrayData) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))
    link.send(Open(start.network, SETTINGS, tiny_data))
    assert link.poll() == [Problem("A run is under way; stop it before another network is opened.")]


def test_an_edited_network_goes_on_in_the_middle_of_its_run(start: Start, tiny_graph: Graph, tmp_path: Path) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))
    for _ in range(3):
        link.send(StepOnce())
        link.poll()
    before = report(link)
    edge = next(edge for edge in tiny_graph.edges if edge.target == "relu1")
    inserted = make("conv2d", out_channels=4, kernel_size=3, padding=1)
    edited = tiny_graph.disconnect(edge).add(inserted, edge.source).connect("conv2", edge.target)
    wanted = attrs.evolve(start, network=graph.dumps(edited), folder=str(tmp_path / "edited"))
    link.send(attrs.evolve(wanted, continues=True, identities=True))
    seen = until(link, a(Finished))
    carried = next(m for m in seen if isinstance(m, Carried))
    assert carried == Carried(("conv1", "batch_norm1", "dense1"), ("conv2",), ())
    assert before.step == 3
    assert report(link).step == before.total_steps
    assert Run.open(tmp_path / "edited").checkpoint().state.facts["progress"]["steps"] == before.total_steps
