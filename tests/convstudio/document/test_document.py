"""The document: undo, merging, selection, what is modified, and that nothing drifts or stays behind."""

from __future__ import annotations

import gc
import json
import random
import weakref
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QUndoCommand

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import ACROSS, Project
from engine.data.source import DataSource
from engine.errors import EngineError
from engine.graph import Edge
from engine.shapes import infer
from engine.spec import make
from engine.templates import template
from tests.convstudio.random_edits import edit_at_random

pytestmark = pytest.mark.usefixtures("qapp")  # documents end when the program collects, not in the middle of an edit


def lenet() -> Document:
    return Document(Project(template("lenet5")))


def text_of(document: Document) -> bytes:
    return json.dumps(document.project.to_json()).encode()


@given(seed=st.integers(0, 1 << 30), times=st.integers(1, 60))
def test_undo_never_drifts(seed: int, times: int) -> None:
    document = lenet()
    first = text_of(document)
    edit_at_random(document, random.Random(seed), times)
    last, inference = text_of(document), document.inference
    assert inference.nodes == infer(document.project.unfolded).nodes
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert text_of(document) == first
    assert not document.modified
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    assert text_of(document) == last
    assert document.inference == inference


def commands() -> int:
    """How many steps of undo there are, in whichever document."""
    gc.collect()
    return sum(isinstance(thing, QUndoCommand) for thing in gc.get_objects())


def test_a_thousand_random_edits_leave_nothing_behind() -> None:
    before, document = commands(), lenet()
    draw = random.Random(1)
    edit_at_random(document, draw, 1000)
    assert document.undo_stack.count() > 300
    projects = [weakref.ref(document.project)]
    document.replace(Project())
    assert commands() == before
    assert [ref() for ref in projects] == [None]


def test_steps_of_undo_are_gone_before_python_ends_what_is_in_a_cycle_with_them() -> None:
    """It does so in any order: a stack that is ended after its steps would end them once more."""
    left: list[int] = []

    class Watched(Document):
        def __del__(self) -> None:
            super().__del__()
            left.append(self.undo_stack.count())

    document = Watched(Project(template("lenet5")))
    document.perform(edits.delete(document.project, {"conv1"}))
    del document
    gc.collect()
    assert left == [0]


def test_refused_edits_change_nothing() -> None:
    document = lenet()
    before = document.project
    with pytest.raises(EngineError):
        document.perform(edits.set_field(document.project, {"conv1"}, "stride", 0))
    assert document.project is before
    assert document.undo_stack.count() == 0


def test_undo_speaks(qapp: Any) -> None:
    document = lenet()
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 3))
    document.perform(edits.delete(document.project, {"conv2", "relu2"}))
    assert document.undo_stack.undoText() == "Delete conv2 and relu2"
    document.undo_stack.undo()
    assert document.undo_stack.redoText() == "Delete conv2 and relu2"
    assert document.undo_stack.undoText() == "Set kernel size of conv2 to 3×3"


def test_the_steps_of_one_gesture_are_one_step() -> None:
    document = lenet()
    for x in range(1, 20):
        document.perform(edits.move(document.project, {"conv1": (float(x), 0.0)}), gesture="drag 1")
    document.perform(edits.move(document.project, {"conv1": (50.0, 0.0)}), gesture="drag 2")
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.graph["conv1"].position == (19.0, 0.0)
    document.undo_stack.undo()
    assert document.project == lenet().project


def test_a_drag_shows_each_place_once() -> None:
    document = lenet()
    seen: list[tuple[float, float]] = []
    document.project_changed.connect(lambda before, after: seen.append(after.graph["conv1"].position))
    for x in (1.0, 2.0, 3.0):
        document.perform(edits.move(document.project, {"conv1": (x, 0.0)}), gesture="drag")
    assert seen == [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]


def test_a_drag_back_to_where_it_began_is_no_step() -> None:
    document = lenet()
    home = document.graph["conv1"].position
    for place in ((5.0, 5.0), home):
        document.perform(edits.move(document.project, {"conv1": place}), gesture="drag")
    assert document.undo_stack.count() == 0
    assert not document.modified


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    document = lenet()
    document.perform(edits.set_field(document.project, {"conv1"}, "bias", True))
    assert document.undo_stack.count() == 0


def test_signals_tell_what_changed_and_no_more() -> None:
    document = lenet()
    told: list[str] = []
    document.project_changed.connect(lambda before, after: told.append(f"project {before is not after}"))
    document.content_changed.connect(lambda before, after: told.append("content"))
    document.inference_changed.connect(lambda: told.append("inference"))
    document.selection_changed.connect(lambda: told.append("selection"))
    document.modified_changed.connect(lambda modified: told.append(f"modified {modified}"))
    document.title_changed.connect(lambda title: told.append(title))
    document.perform(edits.move(document.project, {"conv1": (1.0, 1.0)}))
    assert told == ["project True", "modified True"]
    told.clear()
    document.perform(edits.append(document.project, make("softmax"), None))
    assert told == ["project True", "content", "inference", "selection"]
    told.clear()
    document.perform(edits.describe(document.project, name="Mine"))
    assert told == ["project True", "content", "Mine"]


CONTENT = {
    "flow": lambda p: edits.set_flow(p, ACROSS),
    "settings": lambda p: edits.set_settings(p, attrs.evolve(p.settings, batch=7), "Set batch"),
    "data": lambda p: edits.set_data(p, DataSource("mnist")),
    "block": lambda p: edits.group(p, {"conv1", "relu1"}, "First"),
    "comment": lambda p: edits.add_comment(p, (0.0, 0.0), "Words"),
    "wire": lambda p: edits.disconnect(p, p.graph.edges[0]),
    "description": lambda p: edits.describe(p, description="Of old."),
    "name": lambda p: edits.describe(p, name="Mine"),
}


@pytest.mark.parametrize("kind", CONTENT)
def test_whatever_is_more_than_a_move_is_content(kind: str) -> None:
    document = lenet()
    told: list[str] = []
    document.content_changed.connect(lambda before, after: told.append("content"))
    document.perform(CONTENT[kind](document.project))
    assert told == ["content"]
    document.undo_stack.undo()
    assert told == ["content"] * 2


def test_selection_follows_what_exists() -> None:
    document = lenet()
    document.select({"conv1", "relu1", "nobody"})
    assert document.selection == {"conv1", "relu1"}
    document.perform(edits.delete(document.project, {"conv1"}))
    assert document.selection == frozenset()
    document.undo_stack.undo()
    assert document.selection == {"conv1", "relu1"}


def test_modified_is_true_to_the_file(tmp_path: Path) -> None:
    document = lenet()
    document.save(tmp_path / "net.convstudio")
    document.perform(edits.set_field(document.project, {"conv1"}, "bias", False))
    assert document.modified
    document.perform(edits.set_field(document.project, {"conv1"}, "bias", True))
    assert not document.modified  # by hand, not by undo
    document.undo_stack.undo()
    assert document.modified
    document.save()
    assert not document.modified
    document.undo_stack.undo()
    assert document.modified
    document.undo_stack.redo()
    assert not document.modified
    document.set_weights({"conv1.weight": np.ones(2, np.float32)})
    assert document.modified


def test_weights_keep_to_a_layer_that_is_renamed() -> None:
    document = lenet()
    document.set_weights({"conv1.weight": np.ones(2, np.float32), "conv2.weight": np.ones(2, np.float32)})
    document.perform(edits.rename(document.project, "conv1", "first"))
    assert sorted(document.weights) == ["conv2.weight", "first.weight"]
    document.undo_stack.undo()
    assert sorted(document.weights) == ["conv1.weight", "conv2.weight"]


def test_a_repeat_that_became_impossible_is_a_problem() -> None:
    document = Document()
    for kind in ("input", "conv2d", "relu"):
        document.perform(edits.append(document.project, make(kind), None))
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Stage"))
    document.perform(edits.set_repeat(document.project, "block1", 2))
    assert document.inference.parameter_count == 16 * (9 + 1) + 16 * (16 * 9 + 1)
    document.perform(edits.disconnect(document.project, Edge("input1", "conv1")))
    assert document.problems[-1].text == (
        "Stage cannot be repeated: 0 wires lead into it and 1 of its layers are read outside. "
        "A repeated block needs one wire in and one layer that feeds the next."
    )


def test_opening_and_a_new_document_begin_a_history_of_their_own(tmp_path: Path) -> None:
    document = lenet()
    document.perform(edits.delete(document.project, {"conv1"}))
    path = tmp_path / "Ünet.convstudio"
    document.save(path)
    other = Document()
    other.open(path)
    assert other.project == document.project
    assert (other.title, other.path, other.modified) == ("Ünet", path, False)
    assert not other.undo_stack.canUndo()
    other.new()
    assert (other.project, other.path, other.modified) == (Project(), None, False)


def test_a_file_that_cannot_be_opened_leaves_the_document_alone(tmp_path: Path) -> None:
    document = lenet()
    before = document.project
    with pytest.raises(EngineError):
        document.open(tmp_path / "missing.convstudio")
    assert document.project is before


def test_a_document_without_a_file_asks_where_to() -> None:
    with pytest.raises(EngineError, match=r"^This project has no file yet; choose where to save it\.$"):
        lenet().save()
