"""Writes pytorch_values.npz: what PyTorch computes, in float64, for small cases of every function of engine.reference.

Run it where PyTorch is installed, beside nothing else of this project: `python make_pytorch_values.py`.

The file holds `values`, all numbers in one row, and `index`, a JSON list of cases.  Each case names its function, its
settings and its arrays; an array is [where it starts in `values`, its shape].  Arrays are inputs by argument name, `y`,
`dy`, and gradients, whose names start with "d ".  A list argument `xs` is stored as `xs 0`, `xs 1`, ...
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 (the name in PyTorch's own documentation)

rng = np.random.default_rng(20)
values, index = [], []


def draw(*shape):
    """Distinct numbers, none of them 0, in random order; short in binary, so that the file stays small."""
    count = int(np.prod(shape))
    return torch.from_numpy((rng.permutation(count) - count // 2 + 0.5).reshape(shape) / 32)


def positive(*shape):
    return draw(*shape).abs() + 0.25


def store(array):
    array = array.detach().numpy().copy()  # optimisers go on to change theirs
    place = sum(len(part) for part in values)
    values.append(array.reshape(-1))
    return [place, list(array.shape)]


def case(function, compute, arrays, settings=None, constants=()):
    """Records one case; `compute(*arrays, **settings)` is PyTorch's side of it."""
    settings = settings or {}
    inputs = [a.requires_grad_() if name not in constants else a for name, a in arrays.items()]
    y = compute(*inputs, **settings)
    dy = draw(*y.shape) if y.ndim else torch.tensor(1.0, dtype=torch.float64)
    wanted = [name for name in arrays if name not in constants]
    gradients = torch.autograd.grad(y, [arrays[name] for name in wanted], dy)
    stored = {name: store(array) for name, array in arrays.items()} | {"y": store(y), "dy": store(dy)}
    stored |= {f"d {name}": store(gradient) for name, gradient in zip(wanted, gradients, strict=True)}
    index.append({"function": function, "settings": settings, "arrays": stored})


# --- convolutions ----------------------------------------------------------------------------------------------------

CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def around(x, padding, mode="zeros"):
    return F.pad(x, [n for span in reversed(padding) for n in span], mode=MODES[mode])


def convolution(x, weight, bias=None, *, stride, padding, dilation, groups, padding_mode):
    padded = around(x, padding, padding_mode)
    return CONV[x.ndim - 2](padded, weight, bias, stride=stride, dilation=dilation, groups=groups)


def convolutions():
    def one(x, weight, stride, padding, dilation, groups=1, padding_mode="zeros", bias=True):
        arrays = {"x": draw(*x), "weight": draw(*weight)} | ({"bias": draw(weight[0])} if bias else {})
        settings = {"stride": stride, "padding": padding, "dilation": dilation}
        case("convolution", convolution, arrays, settings | {"groups": groups, "padding_mode": padding_mode})

    one((2, 3, 7), (4, 3, 3), [1], [[1, 1]], [1])
    one((2, 4, 9), (6, 2, 2), [3], [[0, 2]], [2], groups=2)  # stride over kernel
    one((2, 2, 5, 7), (3, 2, 3, 3), [1, 1], [[1, 1], [1, 1]], [1, 1])
    one((2, 2, 6, 5), (3, 2, 3, 2), [2, 1], [[0, 0], [0, 0]], [1, 2], bias=False)
    one((2, 3, 5, 5), (6, 1, 3, 3), [1, 2], [[2, 2], [1, 0]], [1, 1], groups=3)  # depthwise
    one((1, 2, 5, 6), (2, 2, 1, 3), [3, 2], [[0, 0], [1, 2]], [1, 1])
    one((1, 2, 3, 4, 5), (2, 2, 2, 3, 2), [1, 2, 1], [[1, 0], [1, 1], [0, 1]], [1, 1, 2])
    for mode in ("reflect", "replicate", "circular"):
        one((2, 2, 6), (2, 2, 3), [1], [[2, 2]], [1], padding_mode=mode)
        one((1, 2, 4, 5), (2, 2, 3, 3), [2, 1], [[2, 1], [1, 3]], [1, 1], padding_mode=mode)
    one((1, 1, 3, 3, 4), (2, 1, 2, 2, 2), [1, 1, 1], [[1, 1], [2, 0], [1, 1]], [1, 1, 1], padding_mode="reflect")

    def other(x, weight, stride, padding, output_padding, dilation, groups=1, bias=True):
        arrays = {"x": draw(*x), "weight": draw(*weight)} | ({"bias": draw(weight[1] * groups)} if bias else {})
        settings = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
        case("transposed_convolution", TRANSPOSED[len(x) - 2], arrays, settings | {"groups": groups})

    other((2, 3, 4), (3, 2, 3), [2], [1], [1], [1])
    other((2, 2, 3, 4), (2, 3, 3, 2), [2, 3], [1, 0], [0, 2], [1, 1])
    other((1, 4, 3, 3), (4, 2, 2, 3), [1, 2], [0, 1], [1, 1], [2, 2], groups=2)
    other((2, 2, 3, 3), (2, 1, 2, 2), [3, 3], [0, 0], [0, 0], [1, 1], groups=2, bias=False)
    other((1, 2, 2, 3, 2), (2, 2, 2, 2, 3), [2, 1, 2], [0, 1, 1], [1, 0, 1], [1, 1, 1])


def locally_connected(x, weight, bias=None, *, stride, padding):
    out, height, width, _, *kernel = weight.shape
    patches = F.unfold(around(x, padding), kernel, stride=stride)
    y = torch.einsum("nip,opi->nop", patches, weight.reshape(out, height * width, -1)).reshape(-1, out, height, width)
    return y if bias is None else y + bias


def tiled_convolution(x, weight, bias=None, *, stride, padding):
    tile, padded = len(weight), around(x, padding)
    y = torch.zeros_like(F.conv2d(padded, weight[0, 0], bias, stride=stride))
    for i in range(tile):
        for j in range(tile):
            y[:, :, i::tile, j::tile] = F.conv2d(padded, weight[i, j], bias, stride=stride)[:, :, i::tile, j::tile]
    return y


def unshared_convolutions():
    def local(x, weight, stride, padding, bias=True):
        arrays = {"x": draw(*x), "weight": draw(*weight)} | ({"bias": draw(*weight[:3])} if bias else {})
        case("locally_connected", locally_connected, arrays, {"stride": stride, "padding": padding})

    local((2, 2, 4, 5), (2, 4, 3, 2, 3, 3), [1, 2], [[1, 1], [1, 1]])
    local((1, 2, 5, 4), (3, 2, 3, 2, 2, 2), [3, 1], [[0, 0], [0, 0]], bias=False)

    def tiled(x, weight, stride, padding, bias=True):
        arrays = {"x": draw(*x), "weight": draw(*weight)} | ({"bias": draw(weight[2])} if bias else {})
        case("tiled_convolution", tiled_convolution, arrays, {"stride": stride, "padding": padding})

    tiled((2, 2, 5, 4), (2, 2, 3, 2, 3, 2), [1, 1], [[1, 1], [1, 0]])
    tiled((1, 2, 9, 7), (3, 3, 2, 2, 2, 2), [2, 1], [[0, 1], [0, 0]], bias=False)


# --- pooling ---------------------------------------------------------------------------------------------------------

MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVG_POOL = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
ADAPTIVE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}


def poolings():
    def largest(x, size, stride, padding, dilation, ceil_mode=False):
        settings = {"kernel_size": size, "stride": stride, "padding": padding, "dilation": dilation}
        case("max_pooling", MAX_POOL[len(x) - 2], {"x": draw(*x)}, settings | {"ceil_mode": ceil_mode})

    largest((2, 2, 7), [3], [2], [1], [1])
    largest((2, 2, 5), [1], [3], [0], [1], ceil_mode=True)  # the last window would start beyond the edge
    largest((2, 2, 6, 5), [2, 2], [2, 2], [0, 0], [1, 1])
    largest((2, 2, 6, 5), [2, 3], [2, 1], [1, 1], [1, 2])
    largest((1, 2, 6, 7), [3, 2], [2, 3], [1, 1], [1, 1], ceil_mode=True)
    largest((1, 2, 8, 8), [2, 2], [3, 4], [1, 0], [2, 3], ceil_mode=True)
    largest((1, 2, 4, 5, 3), [2, 3, 2], [2, 2, 1], [1, 0, 1], [1, 1, 2])

    def average(x, size, stride, padding, ceil_mode=False, count_include_pad=True):
        settings = {"kernel_size": size, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        settings |= {"count_include_pad": count_include_pad}
        case("average_pooling", AVG_POOL[len(x) - 2], {"x": draw(*x)}, settings)

    for inclusive in (True, False):
        average((2, 2, 7), [3], [2], [1], count_include_pad=inclusive)
        average((2, 2, 6), [2], [3], [1], ceil_mode=True, count_include_pad=inclusive)
        average((1, 2, 6, 7), [3, 2], [2, 3], [1, 1], ceil_mode=True, count_include_pad=inclusive)
        average((1, 2, 5, 8), [2, 3], [1, 2], [1, 0], count_include_pad=inclusive)
        average((1, 1, 4, 5, 3), [2, 3, 2], [2, 2, 2], [1, 0, 1], ceil_mode=True, count_include_pad=inclusive)

    for shape in ((2, 3, 7), (2, 2, 4, 5), (1, 2, 3, 2, 4)):
        space = tuple(range(2, len(shape)))
        case("global_average", lambda x, space=space: x.mean(space, keepdim=True), {"x": draw(*shape)})
        case("global_max", lambda x, space=space: x.amax(space, keepdim=True), {"x": draw(*shape)})
    for shape, size in (((2, 2, 7), [3]), ((1, 2, 5, 7), [2, 4]), ((1, 2, 3, 4), [5, 3]), ((1, 1, 3, 4, 5), [2, 3, 1])):
        case("adaptive_average", ADAPTIVE[len(size)], {"x": draw(*shape)}, {"output_size": size})


# --- dense layers, shapes and joins ----------------------------------------------------------------------------------


def shapes():
    case("dense", F.linear, {"x": draw(3, 5), "weight": draw(4, 5), "bias": draw(4)})
    case("dense", F.linear, {"x": draw(2, 7), "weight": draw(3, 7)})
    case("flatten", lambda x: x.flatten(1), {"x": draw(2, 3, 2, 2)})
    case("reshape", lambda x, shape: x.reshape(-1, *shape), {"x": draw(2, 12)}, {"shape": [3, 2, 2]})
    for shape in ((2, 3, 4, 4), (2, 3, 1, 1)):
        mask = torch.from_numpy(rng.integers(0, 2, shape).astype(float))
        arrays = {"x": draw(2, 3, 4, 4), "mask": mask}
        case("dropout", lambda x, mask, p: x * mask / (1 - p), arrays, {"p": 0.375}, constants=("mask",))
    three = {f"xs {i}": (2, 2, 3, 3) for i in range(3)}
    case("add", lambda *xs: sum(xs), {name: draw(*shape) for name, shape in three.items()})
    case("multiply", lambda *xs: xs[0] * xs[1] * xs[2], {name: draw(*shape) for name, shape in three.items()})
    mixed = {"xs 0": draw(2, 1, 3, 2), "xs 1": draw(2, 3, 3, 2), "xs 2": draw(2, 2, 3, 2)}
    case("concatenate", lambda *xs: torch.cat(xs, 1), mixed)
    for shape, spans in (
        ((2, 2, 5), [[2, 1]]),
        ((2, 2, 4, 5), [[1, 2], [0, 3]]),
        ((1, 1, 3, 3, 4), [[1, 0], [0, 1], [2, 1]]),
    ):
        case("zero_pad", lambda x, padding: around(x, padding), {"x": draw(*shape)}, {"padding": spans})
        less = lambda x, crop: around(x, [[-low, -high] for low, high in crop])  # noqa: E731
        case("crop", less, {"x": draw(*shape)}, {"crop": spans})
    for shape, mode in (((2, 2, 4), "linear"), ((2, 2, 3, 4), "bilinear"), ((1, 1, 2, 3, 2), "trilinear")):
        for scale in (2, 3):
            x = {"x": draw(*shape)}
            case("upsample_nearest", lambda x, scale: F.interpolate(x, scale_factor=scale), x, {"scale": scale})
            smooth = lambda x, scale, mode=mode: F.interpolate(x, scale_factor=scale, mode=mode)  # noqa: E731
            case("upsample_bilinear", smooth, {"x": draw(*shape)}, {"scale": scale})
    mixed = lambda x, scale: F.interpolate(x, scale_factor=scale, mode="bilinear")  # noqa: E731
    case("upsample_bilinear", mixed, {"x": draw(1, 2, 3, 1)}, {"scale": [1, 4]})
    case(
        "upsample_nearest",
        lambda x, scale: F.interpolate(x, scale_factor=scale),
        {"x": draw(1, 2, 2, 3)},
        {"scale": [3, 1]},
    )


# --- normalisation ---------------------------------------------------------------------------------------------------


def norms():
    def affine(shape, *sizes):
        return {"x": draw(*shape), "weight": draw(*sizes), "bias": draw(*sizes)}

    for shape in ((5, 3), (3, 3, 5), (3, 2, 3, 3), (2, 2, 2, 3, 2)):
        batch = lambda x, weight, bias, eps: F.batch_norm(x, None, None, weight, bias, training=True, eps=eps)  # noqa: E731
        case("batch_norm", batch, affine(shape, shape[1]), {"eps": 1e-3})
        arrays = affine(shape, shape[1]) | {"running_mean": draw(shape[1]), "running_var": positive(shape[1])}
        measured = lambda x, weight, bias, mean, var, eps: F.batch_norm(x, mean, var, weight, bias, eps=eps)  # noqa: E731
        case("batch_norm_inference", measured, arrays, {"eps": 1e-3}, constants=("running_mean", "running_var"))
        layer = lambda x, weight, bias, eps: F.layer_norm(x, x.shape[1:], weight, bias, eps)  # noqa: E731
        case("layer_norm", layer, affine(shape, *shape[1:]), {"eps": 1e-5})
    group = lambda x, weight, bias, groups, eps: F.group_norm(x, groups, weight, bias, eps)  # noqa: E731
    for shape, groups in (((2, 6, 4), 3), ((2, 4, 3, 3), 2), ((2, 4, 3, 2), 1), ((1, 4, 2, 2, 3), 4), ((3, 6), 2)):
        case("group_norm", group, affine(shape, shape[1]), {"groups": groups, "eps": 1e-5})
    each = lambda x, weight, bias, eps: F.instance_norm(x, weight=weight, bias=bias, eps=eps)  # noqa: E731
    for shape in ((2, 3, 6), (2, 2, 3, 4), (1, 2, 2, 3, 2)):
        case("instance_norm", each, affine(shape, shape[1]), {"eps": 1e-5})
    for shape, size in (((2, 5, 4), 3), ((1, 6, 2, 3), 4), ((1, 3, 2, 3), 5), ((1, 4, 2, 2, 2), 1)):
        settings = {"size": size, "alpha": 0.5, "beta": 0.75, "k": 2.0}
        case("local_response_norm", F.local_response_norm, {"x": draw(*shape)}, settings)


# --- activations, losses, optimisers ---------------------------------------------------------------------------------


def activations():
    plain = {
        "relu": F.relu, "gelu": F.gelu, "silu": F.silu, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
        "softplus": F.softplus, "hard_swish": F.hardswish, "softmax": lambda x: F.softmax(x, 1),
    }  # fmt: skip
    for shape in ((3, 7), (2, 3, 4, 5)):
        for name, function in plain.items():
            case(name, function, {"x": draw(*shape) * 4})
        case("leaky_relu", F.leaky_relu, {"x": draw(*shape)}, {"negative_slope": 0.2})
        case("elu", F.elu, {"x": draw(*shape)}, {"alpha": 1.5})
        case("prelu", F.prelu, {"x": draw(*shape), "weight": draw(shape[1])})
        case("prelu", F.prelu, {"x": draw(*shape), "weight": draw(1)})
    case("softmax", lambda x: F.softmax(x, 1), {"x": draw(2, 4, 3)})


def losses():
    def entropy(logits, target, label_smoothing, class_weights):
        weight = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float64)
        return F.cross_entropy(logits, target.long(), weight, label_smoothing=label_smoothing)

    for shape in ((5, 4), (2, 3, 4), (2, 3, 2, 3)):
        for smoothing in (0.0, 0.125):
            for weights in (None, [0.5, 2.0, 1.25, 0.75][: shape[1]]):
                target = torch.from_numpy(rng.integers(0, shape[1], (shape[0], *shape[2:])).astype(float))
                settings = {"label_smoothing": smoothing, "class_weights": weights}
                case(
                    "cross_entropy",
                    entropy,
                    {"logits": draw(*shape), "target": target},
                    settings,
                    constants=("target",),
                )
    truth = torch.from_numpy(rng.integers(0, 2, (3, 4)).astype(float))
    binary = F.binary_cross_entropy_with_logits
    case("binary_cross_entropy", binary, {"logits": draw(3, 4) * 8, "target": truth}, constants=("target",))
    case(
        "binary_cross_entropy",
        binary,
        {"logits": draw(2, 1, 3, 3), "target": positive(2, 1, 3, 3)},
        constants=("target",),
    )
    case("mean_squared_error", F.mse_loss, {"prediction": draw(3, 4), "target": draw(3, 4)}, constants=("target",))


def optimisers():
    steps, size = 5, 6

    def one(function, optimiser, **settings):
        parameter, gradients = draw(size).requires_grad_(), draw(steps, size)
        stored = {"parameter": store(parameter), "gradients": store(gradients)}
        running, after = optimiser([parameter], **settings), []
        for gradient in gradients:
            parameter.grad = gradient.clone()
            running.step()
            after.append(parameter.detach().clone())
        index.append(
            {
                "function": f"updates.{function}",
                "settings": settings,
                "arrays": stored | {"after": store(torch.stack(after))},
            }
        )

    optim = torch.optim
    one("sgd", optim.SGD, lr=0.125)
    one("sgd", optim.SGD, lr=0.125, momentum=0.875)
    one("sgd", optim.SGD, lr=0.125, momentum=0.875, nesterov=True, weight_decay=0.25)
    one("rmsprop", optim.RMSprop, lr=0.125)
    one("rmsprop", optim.RMSprop, lr=0.125, alpha=0.75, eps=1e-3, momentum=0.5, weight_decay=0.25)
    one("adam", optim.Adam, lr=0.125)
    one("adam", optim.Adam, lr=0.125, betas=[0.75, 0.875], eps=1e-3, weight_decay=0.25)
    one("adamw", optim.AdamW, lr=0.125)
    one("adamw", optim.AdamW, lr=0.125, betas=[0.75, 0.875], eps=1e-3, weight_decay=0.25)
    one("adagrad", optim.Adagrad, lr=0.125)
    one("adagrad", optim.Adagrad, lr=0.125, lr_decay=0.25, eps=1e-3, weight_decay=0.25)
    one("adadelta", optim.Adadelta, lr=1.0)
    one("adadelta", optim.Adadelta, lr=0.5, rho=0.75, eps=1e-3, weight_decay=0.25)


if __name__ == "__main__":
    for part in (convolutions, unshared_convolutions, poolings, shapes, norms, activations, losses, optimisers):
        part()
    text = np.frombuffer(json.dumps(index).encode(), np.uint8)
    file = Path(__file__).with_name("pytorch_values.npz")
    np.savez_compressed(file, index=text, values=np.concatenate(values))
    print(f"{len(index)} cases, {sum(map(len, values))} numbers, {file.stat().st_size} bytes")
