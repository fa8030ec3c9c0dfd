"""What keeps a network that can be computed from being trained, and the edits that help."""

from __future__ import annotations

import attrs
import pytest

from convstudio.document.project import Project
from convstudio.training import fitting
from convstudio.training.fitting import Obstacle, obstacles
from engine.data.source import DataSource
from engine.graph import chain
from engine.shapes import infer
from engine.spec import make
from engine.templates import template

LENET_BYTES = 4 * 4 * 61_706  # parameters, gradients and two moments


def test_a_network_beyond_the_machines_memory_says_so_and_offers_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(template("lenet5"))
    inference = infer(project.graph)
    project = attrs.evolve(project, settings=attrs.evolve(project.settings, batch=64))
    assert obstacles(project, inference) == ()
    monkeypatch.setattr(fitting, "machine_bytes", lambda: LENET_BYTES + 50 * inference.memory_bytes)
    (found,) = obstacles(project, inference)
    assert found.text == (
        "Training this network on 64 samples at a time needs 0.0 GB of memory, and this computer has 0.0 GB."
    )
    assert found.mend is not None
    assert found.mend.text == "Train on 32 at a time"
    assert obstacles(found.mend(project).project, inference) == ()


def test_where_no_batch_would_fit_the_network_must_become_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = chain(make("input"), make("flatten"), make("dense", out_features=100_000), make("dense", out_features=10))
    project = Project(graph)
    monkeypatch.setattr(fitting, "machine_bytes", lambda: 1_000_000_000)
    (found,) = obstacles(project, infer(graph))
    assert found.text == (
        f"Training this network on {project.settings.batch} samples at a time needs 1.3 GB of memory, and this "
        "computer has 1.0 GB. Use smaller images, fewer channels or smaller dense layers."
    )
    assert found.mend is None


def test_what_does_not_fit_the_data_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "machine_bytes", lambda: 1)
    graph = template("mlp")
    wrong = Project(graph.replace(attrs.evolve(graph.order[0], layer=make("input", shape=(1, 30, 30)))))
    (found,) = obstacles(wrong, infer(wrong.graph))
    assert found.text == "The network takes 1 × 30 × 30, but the samples of Digits are 1 × 28 × 28."


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "unet", "mnist1d_cnn"])
def test_no_shape_is_offered_that_other_layers_do_not_take(name: str) -> None:
    project = Project(template(name), data=DataSource("digits"))
    (found,) = obstacles(project, infer(project.graph))
    assert found.mend is None
    assert found.text.endswith(" are 1 × 28 × 28. Choose other data, or layers that suit them.")


def test_several_inputs_are_no_network_for_pictures() -> None:
    graph = chain(make("input"), make("flatten")).add(make("input", shape=(3, 5, 5)), id="other")
    graph = graph.add(make("flatten"), "other", id="flat").add(make("concatenate"), "flatten1", "flat")
    graph = graph.add(make("dense", out_features=10), "concatenate1")
    (found,) = obstacles(Project(graph, data=DataSource("digits")), infer(graph))
    assert found == Obstacle(
        "The network has 2 inputs, input1, other, but each sample of Digits is one. "
        "Wire what they feed to one of them, and remove the others."
    )
