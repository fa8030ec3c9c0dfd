"""How dropout is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kernels.dropout import dropout
from engine.plan import Backward, Forward

if TYPE_CHECKING:
    from engine.families.dropout import Forgetting


def forward(step: Forward, layer: Forgetting) -> None:
    if step.training and layer.p:
        step.run(dropout, step.x, step.random, step.node_number, layer.p, layer.by_channel, step.y, step.y, 0)
    else:
        step.be_same_as(step.x)


def backward(step: Backward, layer: Forgetting) -> None:
    if not step.wants_dx():
        return
    if not layer.p:
        step.pass_dx()
        return
    target = step.dx()
    put = target.tensor, target.gate, target.mode
    step.run(dropout, step.dy, step.random, step.node_number, layer.p, layer.by_channel, *put)
