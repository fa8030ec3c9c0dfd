"""Functions on tiles that LLVM has no instruction for: exponential, logarithm, tanh, ..."""

from __future__ import annotations

from engine.jit import device
from engine.kernels.simd import floor, maximum, minimum, scale_by_power

LOG2_E, LN2_HIGH, LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4


@device
def exp(x):  # type: ignore[no-untyped-def]
    """e**x within 2 units of the last digit: 2**n * e**r, with e**r as a polynomial on |r| <= ln 2 / 2."""
    x = minimum(maximum(x, -87.3), 88.3)
    n = floor(x * LOG2_E + 0.5)
    r = x - n * LN2_HIGH - n * LN2_LOW
    p = r * 1.9875691500e-4 + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    return scale_by_power(p * r * r + r + 1.0, n)
