"""Which wires can be drawn, and the sentences that say why others cannot."""

from __future__ import annotations

from convstudio.document.connections import acceptance, following, refusal
from engine.graph import Graph, chain
from engine.spec import make


def network() -> Graph:
    graph = chain(make("input"), make("conv2d"), make("relu"))
    return graph.add(make("add"), "relu1", "conv1").add(make("dropout"))


def test_every_port_says_whether_it_takes_the_wire() -> None:
    assert acceptance(network(), "relu1") == {
        ("conv1", 0): "This input of conv1 is taken by input1. Remove that wire first.",
        ("relu1", 0): "relu1 cannot feed itself.",
        ("add1", 0): "This input of add1 is taken by relu1. Remove that wire first.",
        ("add1", 1): "This input of add1 is taken by conv1. Remove that wire first.",
        ("add1", 2): None,
        ("dropout1", 0): None,
    }


def test_where_data_enters_nothing_can_be_wired() -> None:
    assert refusal(network(), "relu1", "input1", 0) == "input1 is where data enters, so nothing can be wired into it."
    assert refusal(network(), "relu1", "dropout1", 1) == "dropout1 has no input 2."
    assert refusal(network(), "nobody", "dropout1", 0) == "One end of the wire is gone."


def test_a_loop_is_refused() -> None:
    graph = network().connect("add1", "dropout1")
    assert acceptance(graph.disconnect(graph.incoming("conv1")[0]), "dropout1")["conv1", 0] == (
        "conv1 comes before dropout1, so this wire would close a loop."
    )


def test_what_follows_a_layer() -> None:
    assert following(network(), "conv1") == {"relu1", "add1"}
