"""When the loss leaves the finite range: which layer was first, and what to try."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.errors import EngineError
from engine.losses import Loss
from engine.network import Network
from engine.numerals import written
from engine.plan import Plan


class Diverged(EngineError):  # noqa: N818 - names what happened
    """Training left the finite numbers; the last checkpoint is still good."""

    def __init__(self, message: str, *, step: int, node: str | None) -> None:
        super().__init__(message)
        self.step, self.node = step, node


def describe_loss(loss: float) -> str:
    """How a loss left the finite numbers."""
    return "became infinite" if np.isinf(loss) else "is not a number any more"


def diverged(problem: str, node: str | None, *, step: int, epoch: int, learning_rate: float, clips: bool) -> Diverged:
    """The sentence for a run that cannot go on."""
    where = (
        f"The first layer whose values left the finite range is {node}."
        if node
        else "All layers are finite, so their outputs are too large for the loss."
    )
    clipping = "" if clips else ", gradient clipping (clip_norm 1)"
    return Diverged(
        f"Training stopped at step {step} in epoch {epoch}: {problem}. {where} "
        f"Try a smaller learning rate than {written(learning_rate)}{clipping} or a warm-up; "
        f"the last checkpoint is still good.",
        step=step,
        node=node,
    )


def first_broken_layer(network: Network, loss: Loss, samples: int, load: Callable[[Plan], object]) -> str | None:
    """Runs a batch forward with every layer watched, and names the first that holds a number that is not finite."""
    graph = network.trained_graph(loss)
    targets, losses = loss.targets(network.output_shape, samples), np.zeros(samples, np.float32)
    nodes = [node.id for node in graph.order]
    recorder = loss.recorder(targets, losses)
    blocks = network.training(samples, loss).plan.blocks
    plan = Plan(graph, network.inference, network.store, blocks, loss=recorder, watch=nodes)
    load(plan)
    plan.forward()
    lanes = np.arange(blocks * plan.values[nodes[0]].array.shape[-1]).reshape(blocks, 1, 1, 1, 1, -1)
    filled = lanes < plan.samples[0]
    return next((n for n in nodes if not np.isfinite(np.where(filled, plan.values[n].array, 0)).all()), None)
