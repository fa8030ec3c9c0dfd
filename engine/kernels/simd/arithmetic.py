"""Arithmetic on whole tiles."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, lower_builtin, type_callable

from engine.jit import LANES
from engine.kernels.simd.registers import (
    FLAGS,
    INTS,
    VECTOR,
    N,
    TileType,
    at,
    call_intrinsic,
    empty,
    literal_tile,
    load_scalar,
    load_vector,
    splat_vector,
    splat_whole,
)


def _multiply_add(name: str, doc: str, broadcast: bool) -> Any:
    def declare(typing: Any, tile: Any, x: Any, xo: Any, xs: Any, w: Any, wo: Any, ws: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            result, x, xo, xs, w, wo, ws = args
            tile = signature.args[0]

            def pixel(c: int) -> Any:
                return load_vector(context, builder, signature.args[1], x, at(builder, xo, xs, c))

            def weight(r: int) -> Any:
                spot = at(builder, wo, ws, r)
                if broadcast:
                    return splat_vector(builder, load_scalar(context, builder, signature.args[4], w, spot))
                return load_vector(context, builder, signature.args[4], w, spot)

            # The shorter side stays in registers, the longer one passes by: both would not fit beside the tile.
            if tile.rows <= tile.columns:
                kept = [weight(r) for r in range(tile.rows)]
                pairs = ((r, c, kept[r], p) for c in range(tile.columns) for p in [pixel(c)] for r in range(tile.rows))
            else:
                kept = [pixel(c) for c in range(tile.columns)]
                pairs = ((r, c, f, kept[c]) for r in range(tile.rows) for f in [weight(r)] for c in range(tile.columns))
            for r, c, factor, vector in pairs:
                k = r * tile.columns + c
                total = call_intrinsic(builder, "llvm.fma", factor, vector, builder.extract_value(result, k))
                result = builder.insert_value(result, total, k)
            return result

        return tile(tile, x, N, N, w, N, N), emit

    declare.__name__, declare.__doc__ = name, doc
    return intrinsic(declare)


fma = _multiply_add("fma", "tile[r, c] += w[wo + r * ws] * x[xo + c * xs :][:LANES]: one weight for all samples", True)
outer = _multiply_add("outer", "tile[r, c] += w[wo + r * ws :][:LANES] * x[xo + c * xs :][:LANES], lane by lane", False)


# --- arithmetic on whole tiles ---------------------------------------------------------------------------------------


def _lanewise(result_kind: str, emit_vector: Callable[..., Any]) -> Callable[..., Any]:
    """An intrinsic's code that works on the vectors of its tiles one after the other; numbers count as full tiles."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        tile = signature.return_type
        result = empty(context, tile)
        for k in range(tile.count):
            parts = [
                builder.extract_value(a, k) if isinstance(t, TileType) else splat_vector(builder, a)
                for t, a in zip(signature.args, args, strict=True)
            ]
            result = builder.insert_value(result, emit_vector(builder, *parts), k)
        return result

    return emit


def _arithmetic(operation: Any, emit_vector: Callable[..., Any], result_kind: str = "float") -> None:
    """Teaches Numba an operator on two tiles, or on a tile and a number."""

    @type_callable(operation)
    def resolve(context: Any) -> Any:
        def typer(a: Any, b: Any) -> Any:
            tile = a if isinstance(a, TileType) else b if isinstance(b, TileType) else None
            fits = all(isinstance(t, (TileType, types.Number)) for t in (a, b))
            return tile.of(result_kind) if tile is not None and fits else None

        return typer

    emit = _lanewise(result_kind, emit_vector)

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        numbers = [
            a if isinstance(t, TileType) else context.cast(builder, a, t, types.float32)
            for t, a in zip(signature.args, args, strict=True)
        ]
        return emit(context, builder, signature, numbers)

    for pair in ((TileType, TileType), (TileType, types.Number), (types.Number, TileType)):
        lower_builtin(operation, *pair)(lower)


_arithmetic(operator.add, lambda b, x, y: b.fadd(x, y, flags=FLAGS))
_arithmetic(operator.sub, lambda b, x, y: b.fsub(x, y, flags=FLAGS))
_arithmetic(operator.mul, lambda b, x, y: b.fmul(x, y, flags=FLAGS))
_arithmetic(operator.truediv, lambda b, x, y: b.fdiv(x, y, flags=FLAGS))
_arithmetic(operator.lt, lambda b, x, y: b.fcmp_ordered("<", x, y), "mask")
_arithmetic(operator.gt, lambda b, x, y: b.fcmp_ordered(">", x, y), "mask")
_arithmetic(operator.eq, lambda b, x, y: b.fcmp_ordered("==", x, y), "mask")


def _unary(name: str, llvm_name: str) -> Any:
    def declare(typing: Any, x: Any) -> Any:
        return x(x), _lanewise("float", lambda builder, v: call_intrinsic(builder, llvm_name, v))

    declare.__name__ = name
    return intrinsic(declare)


square_root, floor, absolute = (
    _unary(n, f"llvm.{f}") for n, f in (("square_root", "sqrt"), ("floor", "floor"), ("absolute", "fabs"))
)


def _binary_select(name: str, comparison: str) -> Any:
    """Maximum or minimum as one compare and one select; where x is not a number, x stays, so that it shows."""

    def choose(builder: Any, x: Any, y: Any) -> Any:
        return builder.select(builder.fcmp_ordered(comparison, y, x), y, x)

    def declare(typing: Any, x: Any, y: Any) -> Any:
        other = y if isinstance(y, TileType) else types.float32
        return x(x, other), _lanewise("float", choose)

    declare.__name__ = name
    return intrinsic(declare)


maximum, minimum = _binary_select("maximum", ">"), _binary_select("minimum", "<")


@intrinsic
def where(typing: Any, mask: Any, x: Any, y: Any) -> Any:
    """x where the mask holds, else y; both tiles or numbers."""
    pair = [t if isinstance(t, TileType) else types.float32 for t in (x, y)]
    emit = _lanewise("float", lambda builder, m, a, b: builder.select(m, a, b))
    return mask.of("float")(mask, *pair), emit


@intrinsic
def scale_by_power(typing: Any, x: Any, n: Any) -> Any:
    """x * 2**n for whole n from -126 to 127."""

    def shift(builder: Any, value: Any, power: Any) -> Any:
        biased = builder.add(builder.fptosi(power, INTS), ir.Constant(INTS, [127] * LANES))
        bits = builder.shl(biased, ir.Constant(INTS, [23] * LANES))
        return builder.fmul(value, builder.bitcast(bits, VECTOR))

    return x(x, n), _lanewise("float", shift)


@intrinsic
def exponent(typing: Any, x: Any) -> Any:
    """The whole n with x = m * 2**n and m from 0.5 to 1, for x above zero."""

    def read(builder: Any, value: Any) -> Any:
        bits = builder.lshr(builder.bitcast(value, INTS), ir.Constant(INTS, [23] * LANES))
        return builder.sitofp(builder.sub(bits, ir.Constant(INTS, [126] * LANES)), VECTOR)

    return x(x), _lanewise("float", read)


@intrinsic
def mantissa(typing: Any, x: Any) -> Any:
    """The m from 0.5 to 1 with x = m * 2**n, for x above zero."""

    def read(builder: Any, value: Any) -> Any:
        bits = builder.and_(builder.bitcast(value, INTS), ir.Constant(INTS, [0x007FFFFF] * LANES))
        return builder.bitcast(builder.or_(bits, ir.Constant(INTS, [0x3F000000] * LANES)), VECTOR)

    return x(x), _lanewise("float", read)


@intrinsic
def draw_lots(typing: Any, key: Any, first: Any, step: Any) -> Any:
    """A vector of even numbers from 0 up to 1; lane i draws number first + i * step of the stream that `key` names."""
    tile = TileType(1, 1)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def whole(number: int) -> Any:
            return ir.Constant(INTS, [number] * LANES)

        key, first, step = (splat_whole(builder, a) for a in args)
        counter = builder.add(first, builder.mul(step, ir.Constant(INTS, list(range(LANES)))))
        bits = builder.add(builder.mul(counter, whole(0x9E3779B1)), key)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, None)):  # MurmurHash3's last steps
            bits = builder.xor(bits, builder.lshr(bits, whole(shift)))
            bits = bits if factor is None else builder.mul(bits, whole(factor))
        number = builder.uitofp(builder.lshr(bits, whole(8)), VECTOR)
        vector = builder.fmul(number, ir.Constant(VECTOR, [2.0**-24] * LANES))
        return builder.insert_value(empty(context, tile), vector, 0)

    return tile(N, N, N), emit


@intrinsic(prefer_literal=True)
def lane_mask(typing: Any, count: Any, rows: Any, columns: Any) -> Any:
    """A tile with 1 in the first `count` lanes of each vector and 0 in the others."""
    tile = literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        inside = builder.icmp_signed("<", ir.Constant(INTS, list(range(LANES))), splat_whole(builder, args[0]))
        ones, none = ir.Constant(VECTOR, [1.0] * LANES), ir.Constant(VECTOR, [0.0] * LANES)
        vector, result = builder.select(inside, ones, none), empty(context, signature.return_type)
        for k in range(signature.return_type.count):
            result = builder.insert_value(result, vector, k)
        return result

    return tile and (tile(N, rows, columns), emit)
