"""Every layer again in plain float64 NumPy, straight from the textbook formula.

This is the specification that the compiled kernels are tested against.  Each function takes a batch `x` of shape
`[N, C, *space]` with any number of axes, and arrays and settings by PyTorch's names, settings per axis as tuples.
It returns `(y, pullback)`; `pullback(dy)` gives the gradient of every array that was passed, by argument name.
"""

from engine.reference import updates
from engine.reference.activation import (
    elu,
    gelu,
    hard_swish,
    leaky_relu,
    prelu,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from engine.reference.convolution import (
    convolution,
    locally_connected,
    tiled_convolution,
    transposed_convolution,
)
from engine.reference.loss import binary_cross_entropy, cross_entropy, mean_squared_error
from engine.reference.normalisation import (
    batch_norm,
    batch_norm_inference,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
)
from engine.reference.pooling import (
    adaptive_average,
    average_pooling,
    global_average,
    global_max,
    max_pooling,
)
from engine.reference.shaping import (
    add,
    concatenate,
    crop,
    dense,
    dropout,
    flatten,
    multiply,
    reshape,
    upsample_bilinear,
    upsample_nearest,
    zero_pad,
)

__all__ = [
    "adaptive_average",
    "add",
    "average_pooling",
    "batch_norm",
    "batch_norm_inference",
    "binary_cross_entropy",
    "concatenate",
    "convolution",
    "crop",
    "cross_entropy",
    "dense",
    "dropout",
    "elu",
    "flatten",
    "gelu",
    "global_average",
    "global_max",
    "group_norm",
    "hard_swish",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "local_response_norm",
    "locally_connected",
    "max_pooling",
    "mean_squared_error",
    "multiply",
    "prelu",
    "relu",
    "reshape",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
    "tiled_convolution",
    "transposed_convolution",
    "updates",
    "upsample_bilinear",
    "upsample_nearest",
    "zero_pad",
]
