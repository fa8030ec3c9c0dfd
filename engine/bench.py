"""Measures how fast a network trains."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from engine import jit
from engine.graph import Graph
from engine.losses import CrossEntropy
from engine.network import Network
from engine.optimizers import Adam, Updater
from engine.process_memory import peak_memory_bytes

WARM_UP_STEPS = 5
LAYER_ROUNDS = 20


def measure(graph: Graph, batch: int, threads: int, seconds: float) -> dict[str, Any]:
    """Medians over whole training steps on random images, and over each kernel called on its own."""
    start = time.perf_counter()
    jit.set_threads(threads)
    network, rng = Network(graph), np.random.default_rng(0)
    training = network.training(batch, CrossEntropy())
    updater = Updater(Adam(), network.store)
    samples = {
        name: rng.standard_normal((batch, *shape), dtype=np.float32) for name, shape in network.input_shapes.items()
    }
    labels = batch * math.prod(network.output_shape[1:])

    def draw() -> None:
        """Labels that cannot be learned: once they were, gradients would become too small for fast arithmetic."""
        training.targets[:labels] = rng.integers(0, network.output_shape[0], labels)

    def step() -> None:
        network.load(training.plan, samples)
        training.plan.forward()
        training.plan.backward()
        updater.step(1e-3)

    draw()
    step()
    ready = time.perf_counter() - start
    for _ in range(WARM_UP_STEPS):
        step()
    step_seconds = statistics.median(_times(draw, step, seconds))
    flops = 2 * 3 * network.inference.multiply_adds * batch  # forward, and two products backward
    return {
        "samples_per_second": batch / step_seconds,
        "milliseconds_per_step": step_seconds * 1e3,
        "layers": _layers(network, training.plan.calls, batch),
        "gflops": flops / step_seconds / 1e9,
        "peak_memory_bytes": peak_memory_bytes(),
        "arena_bytes": training.plan.memory_bytes,
        "ready_seconds": ready,
        "batch": batch,
        "threads": threads,
        "cpu": jit.cpu_name(),
    }


def _times(prepare: Callable[[], None], step: Callable[[], None], seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        prepare()
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times


def _layers(network: Network, calls: list[Any], batch: int) -> list[dict[str, Any]]:
    spent: dict[tuple[int, str, str], list[float]] = {}
    for _ in range(LAYER_ROUNDS):
        for index, (step, run) in enumerate(calls):
            start = time.perf_counter()
            run()
            spent.setdefault((index, step.node, step.phase), []).append(time.perf_counter() - start)
    rows = []
    for node in network.graph.order:
        phases = {
            phase: sum(statistics.median(t) for (_, n, p), t in spent.items() if (n, p) == (node.id, phase)) * 1e3
            for phase in ("forward", "backward")
        }
        total = sum(phases.values())
        work = 2 * 3 * network.inference.nodes[node.id].multiply_adds * batch
        rows.append(
            {
                "id": node.id,
                "kind": node.layer.kind,
                "forward_ms": phases["forward"],
                "backward_ms": phases["backward"],
                "gflops": work / total / 1e6 if total and work else 0.0,
            }
        )
    return rows
