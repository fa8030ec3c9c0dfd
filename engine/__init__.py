"""ConvStudio's engine: convolutional networks as values, computed by kernels that are written in this package.

    import engine

    network = engine.Network(engine.template("lenet5"))
    probabilities = network.predict(images)

What computes is loaded when it is first asked for, so that looking at graphs and shapes starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from engine.graph import Edge, Graph, Node, chain, load, save
from engine.shapes import infer
from engine.spec import Layer, make
from engine.spec import layers as layer_kinds  # `engine.layers` is the package of their declarations
from engine.templates import template, template_names, templates
from engine.waiting import set_turns

if TYPE_CHECKING:
    from engine.losses import BinaryCrossEntropy, CrossEntropy, MeanSquaredError
    from engine.network import Network
    from engine.optimizers import Adam, Sgd, Updater

_COMPUTING = {
    "Network": "engine.network",
    "CrossEntropy": "engine.losses",
    "BinaryCrossEntropy": "engine.losses",
    "MeanSquaredError": "engine.losses",
    "Adam": "engine.optimizers",
    "Sgd": "engine.optimizers",
    "Updater": "engine.optimizers",
}

set_turns()

__all__ = [
    "Adam",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Edge",
    "EngineError",
    "Graph",
    "Layer",
    "MeanSquaredError",
    "Network",
    "Node",
    "Sgd",
    "Updater",
    "chain",
    "infer",
    "layer_kinds",
    "load",
    "make",
    "save",
    "template",
    "template_names",
    "templates",
]


def __getattr__(name: str) -> Any:
    if name not in _COMPUTING:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_COMPUTING[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
