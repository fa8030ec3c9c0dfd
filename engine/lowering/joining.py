"""How tensors are joined."""

from __future__ import annotations

from engine.kernels import joining as kernels
from engine.memory import Tensor
from engine.plan import Backward, Forward


def add_forward(step: Forward) -> None:
    first, *others = step.xs
    for i, x in enumerate(others, 1):
        step.run(kernels.add, first if i == 1 else step.y, x, step.y, step.relu and i == len(others))


def add_backward(step: Backward) -> None:
    for port in range(len(step.xs)):
        if step.wants_dx(port):
            step.pass_dx(port)


def multiply_forward(step: Forward) -> None:
    first, *others = step.xs
    for i, x in enumerate(others, 1):
        step.run(kernels.multiply, first if i == 1 else step.y, x, step.y, step.y, 0)


def multiply_backward(step: Backward) -> None:
    for port in range(len(step.xs)):
        if not step.wants_dx(port):
            continue
        factors = [step.dy, *(x for i, x in enumerate(step.xs) if i != port)]
        product = factors[0]
        for x in factors[1:-1]:
            partial = Tensor.image(step.dy.shape)
            step.run(kernels.multiply, product, x, partial, partial, 0)
            product = partial
        target = step.dx(port)
        step.run(kernels.multiply, product, factors[-1], target.tensor, target.gate, target.mode)


def concatenate_forward(step: Forward) -> None:
    start = 0
    for x in step.xs:
        step.run(kernels.copy_channels, x, 0, step.y, start, x.shape[1], step.y, 0)
        start += x.shape[1]


def concatenate_backward(step: Backward) -> None:
    first = 0
    for port, x in enumerate(step.xs):
        if step.wants_dx(port):
            target = step.dx(port)
            step.run(kernels.copy_channels, step.dy, first, target.tensor, 0, x.shape[1], target.gate, target.mode)
        first += x.shape[1]
