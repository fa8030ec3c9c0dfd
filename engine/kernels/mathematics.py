"""Functions on tiles that CPUs have no instruction for."""

from __future__ import annotations

from engine.jit import device
from engine.kernels.simd import absolute, exponent, floor, mantissa, maximum, minimum, scale_by_power, where

LOG2_E, LN2_HIGH, LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4
ROOT_HALF = 0.70710678118654752
LOWEST, HIGHEST = -87.336540, 88.722832  # where e**x leaves the normal float32 numbers
SMALLEST = 1.17549435e-38  # the first normal float32 number


@device
def exp(x):  # type: ignore[no-untyped-def]
    """e**x: zero below the normal numbers, infinite above them, and what is not a number stays none."""
    limited = minimum(maximum(x, LOWEST), HIGHEST)
    n = floor(limited * LOG2_E + 0.5)
    power_of_two = minimum(n, 127.0)  # 2**128 alone would not be a number
    result = scale_by_power(rise(limited - n * LN2_HIGH - n * LN2_LOW) + 1.0, power_of_two)
    result = where(n > 127.0, result + result, result)
    return where(x > HIGHEST, float("inf"), where(x < LOWEST, 0.0, result))


@device
def expm1(x):  # type: ignore[no-untyped-def]
    """e**x - 1 for x up to zero, without cancelling near zero."""
    limited = maximum(x, -30.0)  # all that remains of e**x is below the last bit of 1
    n = floor(limited * LOG2_E + 0.5)
    r = limited - n * LN2_HIGH - n * LN2_LOW
    return where(n > -0.5, rise(r), scale_by_power(rise(r) + 1.0, n) - 1.0)


@device
def rise(r):  # type: ignore[no-untyped-def]
    """e**r - 1 as a polynomial where |r| is at most ln 2 / 2 (Cephes)."""
    p = r * 1.9875691500e-4 + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    return p * r * r + r


@device
def log(x):  # type: ignore[no-untyped-def]
    """The natural logarithm: -infinity at zero, not a number below it."""
    tiny = x < SMALLEST  # their exponent does not say how small they are
    normal = where(tiny, x * 33554432.0, x)
    n, m = exponent(normal), mantissa(normal)
    n = where(tiny, n - 25.0, n)
    small = m < ROOT_HALF
    n = where(small, n - 1.0, n)
    result = log_near_one(where(small, m + m, m) - 1.0, n)
    unusual = where(x == 0.0, float("-inf"), float("nan"))
    return where(x > 0.0, where(x < float("inf"), result, x), unusual)


@device
def log1p(u):  # type: ignore[no-untyped-def]
    """log(1 + u) for u from 0 to 1, exact for small u too."""
    large = u > 0.41421356
    return log_near_one(where(large, u * 0.5 - 0.5, u), where(large, 1.0, 0.0))


@device
def log_near_one(r, n):  # type: ignore[no-untyped-def]
    """log((1 + r) * 2**n), as a polynomial where 1 + r is from the root of 1/2 to the root of 2 (Cephes)."""
    p = r * 7.0376836292e-2 - 1.1514610310e-1
    p = p * r + 1.1676998740e-1
    p = p * r - 1.2420140846e-1
    p = p * r + 1.4249322787e-1
    p = p * r - 1.6668057665e-1
    p = p * r + 2.0000714765e-1
    p = p * r - 2.4999993993e-1
    p = p * r + 3.3333331174e-1
    return p * r * r * r + n * LN2_LOW - r * r * 0.5 + r + n * LN2_HIGH


@device
def power(x, p):  # type: ignore[no-untyped-def]
    """x**p for x above zero."""
    return exp(log(x) * p)


@device
def sigmoid(x):  # type: ignore[no-untyped-def]
    """1 / (1 + e**-x)"""
    return 1.0 / (exp(x * -1.0) + 1.0)


@device
def tanh(x):  # type: ignore[no-untyped-def]
    """A polynomial near zero, where the quotient of exponentials would cancel."""
    size, z = absolute(x), x * x
    p = z * -5.70498872745e-3 + 2.06390887954e-2
    p = p * z - 5.37397155531e-2
    p = p * z + 1.33314422036e-1
    p = p * z - 3.33332819422e-1
    near = p * z * x + x
    far = 1.0 - 2.0 / (exp(size * 2.0) + 1.0)
    return where(size < 0.625, near, where(x < 0.0, far * -1.0, far))


@device
def softplus(x):  # type: ignore[no-untyped-def]
    """log(1 + e**x) without overflow, and close to e**x far below zero."""
    return maximum(x, 0.0) + log1p(exp(absolute(x) * -1.0))


@device
def normal_below(x):  # type: ignore[no-untyped-def]
    """The probability that a standard normal number is below x, by a Chebyshev fit of erfc with error 1.2e-7."""
    z = absolute(x) * ROOT_HALF
    t = 1.0 / (z * 0.5 + 1.0)
    p = t * 0.17087277 - 0.82215223
    p = p * t + 1.48851587
    p = p * t - 1.13520398
    p = p * t + 0.27886807
    p = p * t - 0.18628806
    p = p * t + 0.09678418
    p = p * t + 0.37409196
    p = p * t + 1.00002368
    tail = t * exp(p * t - 1.26551223 - z * z) * 0.5
    return where(x < 0.0, tail, 1.0 - tail)
