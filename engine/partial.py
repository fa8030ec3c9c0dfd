"""The values of a few layers without computing the layers above them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import attrs
import numpy as np

from engine import limits
from engine.graph import Graph
from engine.jit import LANES
from engine.network import Network
from engine.plan import Plan

Array = np.ndarray[Any, Any]
KEPT, KEPT_BYTES = 8, 256 << 20  # plans of a network: what one looks at changes often, and each holds memory

_plans: WeakKeyDictionary[Network, OrderedDict[tuple[frozenset[str], int], Plan]] = WeakKeyDictionary()


def partial_plan(network: Network, nodes: frozenset[str], blocks: int = 1) -> Plan:
    """A plan that ends at these nodes, for so many blocks of samples; the last few are kept."""
    plans = _plans.setdefault(network, OrderedDict())
    key = nodes, blocks
    if key not in plans:
        limits.check_memory(network.inference, blocks * LANES, training=False)
        made = Plan(up_to(network.graph, nodes), network.inference, network.store, blocks, watch=nodes)
        while plans and (len(plans) >= KEPT or sum(_sizes(plans)) + made.memory_bytes > KEPT_BYTES):
            plans.popitem(last=False)
        plans[key] = made
    plans.move_to_end(key)
    return plans[key]


def _sizes(plans: OrderedDict[tuple[frozenset[str], int], Plan]) -> list[int]:
    return [plan.memory_bytes for plan in plans.values()]


def values(network: Network, sample: Array, nodes: frozenset[str]) -> dict[str, Array]:
    """What nodes make of one normalised sample."""
    if not nodes:
        return {}
    plan = partial_plan(network, nodes)
    (entry,) = network.input_shapes
    network.load(plan, {entry: np.ascontiguousarray(sample[None], np.float32)})
    plan.forward()
    return {name: network.read(plan, plan.values[name], name)[0] for name in nodes}


def up_to(graph: Graph, nodes: frozenset[str]) -> Graph:
    """The part of a graph that nodes are computed from; where data enters is always in it."""
    wanted = set(nodes) | {node.id for node in graph if not node.layer.ports}
    for node in reversed(graph.order):
        if node.id in wanted:
            wanted |= {edge.source for edge in graph.incoming(node.id)}
    return attrs.evolve(
        graph,
        nodes=tuple(node for node in graph.nodes if node.id in wanted),
        edges=tuple(edge for edge in graph.edges if edge.source in wanted and edge.target in wanted),
    )
