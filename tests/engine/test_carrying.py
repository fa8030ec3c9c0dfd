"""What an edited network keeps of what the one before had learned."""

import attrs
import numpy as np
import pytest

from engine import Graph, chain, make
from engine.batches import ArrayData
from engine.carrying import carry_over
from engine.network import Network
from engine.optimizers import Adam
from engine.protocol import Carried
from engine.settings import TrainingSettings
from engine.shapes import infer
from engine.spec import Layer, layers
from engine.trainer import Trainer

SETTINGS = TrainingSettings(learning_rate=0.02, batch=20, epochs=2, validation_fraction=0.2)


def inserted(graph: Graph, layer: Layer, before: str) -> Graph:
    edge = next(edge for edge in graph.edges if edge.target == before)
    name = graph.free_id(layer.kind)
    return graph.disconnect(edge).add(layer, edge.source, id=name).connect(name, before)


def with_outputs(graph: Graph, outputs: int) -> Graph:
    return graph.replace(attrs.evolve(graph["dense1"], layer=make("dense", out_features=outputs)))


def test_layers_whose_shapes_fit_keep_their_numbers(tiny_graph: Graph) -> None:
    old, new = Network(tiny_graph, seed=1), Network(with_outputs(tiny_graph, 5), seed=2)
    fresh = new.parameters["dense1.weight"].copy()
    assert carry_over(new, old.store.arrays) == Carried(("conv1", "batch_norm1"), (), ("dense1",))
    for name in ("conv1.weight", "batch_norm1.running_mean"):
        assert np.array_equal(new.store.arrays[name], old.store.arrays[name])
    assert np.array_equal(new.parameters["dense1.weight"], fresh)


INSERTED = [
    make("conv2d", out_channels=4, kernel_size=3, padding=1),
    make("conv2d", out_channels=4, kernel_size=5, padding=4, dilation=2),
    make("conv2d", out_channels=4, kernel_size=3, padding=1, groups=4),
]


@pytest.mark.parametrize("layer", INSERTED, ids=repr)
def test_a_layer_put_into_a_trained_chain_changes_nothing_at_first(tiny_graph: Graph, layer: Layer) -> None:
    old = Network(tiny_graph, seed=1)
    new = Network(inserted(tiny_graph, layer, "relu1"), seed=2)
    carry_over(new, old.store.arrays, identities=True)
    images = np.random.default_rng(0).standard_normal((3, 1, 8, 8)).astype(np.float32)
    assert new.predict(images) == pytest.approx(old.predict(images), abs=2e-5)


def test_a_dense_layer_can_start_as_an_identity() -> None:
    graph = chain(make("input", shape=(6,)), make("dense", out_features=6), make("dense", out_features=2))
    old = Network(graph, seed=1)
    new = Network(inserted(graph, make("dense", out_features=6), "dense2"))
    assert carry_over(new, old.store.arrays, identities=True).identities == ("dense3",)
    images = np.random.default_rng(0).standard_normal((3, 6)).astype(np.float32)
    assert new.predict(images) == pytest.approx(old.predict(images), abs=1e-6)


def test_a_layer_that_changes_the_shape_or_the_place_is_no_identity() -> None:
    for settings in ({"stride": 2}, {"padding": 0}, {"out_channels": 5}, {"kernel_size": 2, "padding": 0}):
        layer = make("conv2d", **{"out_channels": 4, "kernel_size": 3, "padding": 1, **settings})
        assert layer.identity((4, 8, 8)) is None
    assert make("dense", out_features=3).identity((4,)) is None


def test_what_says_it_is_an_identity_is_one() -> None:
    """Whatever layer declares the numbers to start with passes its input on."""
    for kind in layers():
        layer = make(kind)
        for shape in ((4,), (4, 9), (4, 9, 9), (4, 5, 5, 5)):
            graph = chain(make("input", shape=shape), layer)
            if infer(graph).problems or not (arrays := layer.identity(shape)):
                continue
            network = Network(graph)
            carry_over(network, {}, identities=True)
            image = np.random.default_rng(0).standard_normal((1, *shape)).astype(np.float32)
            assert network.predict(image) == pytest.approx(image, abs=1e-5), (kind, arrays.keys())


def test_the_optimiser_remembers_what_still_fits(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = attrs.evolve(SETTINGS, optimizer=Adam())
    before = Trainer(tiny_graph, tiny_data, settings)
    while not before.history:
        before.step()
    after = Trainer(tiny_graph, tiny_data, settings)
    carry_over(after.network, before.network.store.arrays)
    after.continue_after(before)
    assert (after.progress.epoch, after.history) == (1, before.history)
    assert before.step().loss == after.step().loss
    assert before.step().loss == after.step().loss
