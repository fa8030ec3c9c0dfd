"""Tiles from memory and back."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.jit import LANES
from engine.kernels.simd.registers import (
    BYTES,
    FLOAT,
    INT32,
    INTS,
    VECTOR,
    N,
    TileType,
    address,
    at,
    empty,
    literal_tile,
    load_scalar,
    load_vector,
    splat_vector,
    splat_whole,
    spots,
)


@intrinsic(prefer_literal=True)
def zeros(typing: Any, rows: Any, columns: Any) -> Any:
    """A tile of zeros."""
    tile = literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(context.get_value_type(tile), [ir.Constant(VECTOR, [0.0] * LANES)] * tile.count)  # type: ignore[union-attr]

    return tile and (tile(rows, columns), emit)


@intrinsic(prefer_literal=True)
def splat(typing: Any, value: Any, rows: Any, columns: Any) -> Any:
    """A tile with the same number everywhere."""
    tile = literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector, result = splat_vector(builder, args[0]), empty(context, signature.return_type)
        for k in range(signature.return_type.count):
            result = builder.insert_value(result, vector, k)
        return result

    return tile and (tile(types.float32, rows, columns), emit)


@intrinsic(prefer_literal=True)
def load(typing: Any, x: Any, offset: Any, row_step: Any, column_step: Any, rows: Any, columns: Any) -> Any:
    """tile[r, c] = x[offset + r * row_step + c * column_step :][:LANES]"""
    tile = literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result = empty(context, signature.return_type)
        for k, spot in spots(builder, signature.return_type, *args[1:4]):
            result = builder.insert_value(result, load_vector(context, builder, signature.args[0], args[0], spot), k)
        return result

    return tile and (tile(x, N, N, N, rows, columns), emit)


@intrinsic(prefer_literal=True)
def load_rows(typing: Any, b: Any, offset: Any, step: Any, rows: Any, columns: Any) -> Any:
    """tile[r, c] = b[offset + r * step] in every lane: a bias, a scale, ..."""
    tile = literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        tile, result = signature.return_type, empty(context, signature.return_type)
        for r in range(tile.rows):
            spot = at(builder, args[1], args[2], r)
            vector = splat_vector(builder, load_scalar(context, builder, signature.args[0], args[0], spot))
            for c in range(tile.columns):
                result = builder.insert_value(result, vector, r * tile.columns + c)
        return result

    return tile and (tile(b, N, N, rows, columns), emit)


@intrinsic(prefer_literal=True)
def load_bytes(typing: Any, x: Any, offset: Any, rows: Any, columns: Any) -> Any:
    """A tile of small whole numbers kept as one byte a lane; columns follow each other."""
    tile = literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result, step = empty(context, signature.return_type), ir.Constant(args[1].type, LANES)
        for k, spot in spots(builder, signature.return_type, args[1], step, step):
            target = address(context, builder, signature.args[0], args[0], spot, BYTES)
            result = builder.insert_value(result, builder.uitofp(builder.load(target, align=1), VECTOR), k)
        return result

    return tile and (tile(x, N, rows, columns), emit)


# --- storing tiles ---------------------------------------------------------------------------------------------------


@intrinsic
def store(typing: Any, tile: Any, y: Any, offset: Any, row_step: Any, column_step: Any) -> Any:
    """y[offset + r * row_step + c * column_step :][:LANES] = tile[r, c]"""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for k, spot in spots(builder, signature.args[0], *args[2:5]):
            target = address(context, builder, signature.args[1], args[1], spot)
            builder.store(builder.extract_value(args[0], k), target, align=4)
        return context.get_dummy_value()

    return types.void(tile, y, N, N, N), emit


@intrinsic
def store_bytes(typing: Any, tile: Any, y: Any, offset: Any) -> Any:
    """Keeps a tile of small whole numbers as one byte a lane."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        step = ir.Constant(args[2].type, LANES)
        for k, spot in spots(builder, signature.args[0], args[2], step, step):
            whole = builder.fptoui(builder.extract_value(args[0], k), INTS)
            target = address(context, builder, signature.args[1], args[1], spot, BYTES)
            builder.store(builder.trunc(whole, BYTES), target, align=1)
        return context.get_dummy_value()

    return types.void(tile, y, N), emit


@intrinsic
def store_sums(typing: Any, tile: Any, y: Any, offset: Any, row_step: Any, column_step: Any) -> Any:
    """y[offset + r * row_step + c * column_step] = sum of the lanes of tile[r, c]"""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(FLOAT, [FLOAT, VECTOR])
        add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        data = context.make_array(signature.args[1])(context, builder, args[1]).data
        for k, spot in spots(builder, signature.args[0], *args[2:5]):
            vector = builder.extract_value(args[0], k)
            total = builder.call(add, [ir.Constant(FLOAT, 0.0), vector], fastmath=("reassoc",))
            builder.store(total, builder.gep(data, [spot]))
        return context.get_dummy_value()

    return types.void(tile, y, N, N, N), emit


@intrinsic
def store_part(typing: Any, tile: Any, y: Any, offset: Any, row_step: Any, count: Any) -> Any:
    """Stores the first `count` numbers of each row, whose vectors follow each other."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result, y, offset, row_step, count = args
        bits, step = ir.VectorType(ir.IntType(1), LANES), ir.Constant(offset.type, LANES)
        kind = ir.FunctionType(ir.VoidType(), [VECTOR, VECTOR.as_pointer(), INT32, bits])
        masked = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.store.v{LANES}f32.p0")
        for k, spot in spots(builder, signature.args[0], offset, row_step, step):
            before = k % signature.args[0].columns * LANES
            limit = splat_whole(builder, builder.sub(count, ir.Constant(count.type, before)))
            inside = builder.icmp_signed("<", ir.Constant(INTS, list(range(LANES))), limit)
            target = address(context, builder, signature.args[1], y, spot)
            builder.call(masked, [builder.extract_value(result, k), target, ir.Constant(INT32, 4), inside])
        return context.get_dummy_value()

    return types.void(tile, y, N, N, N), emit


@intrinsic
def sum_lanes(typing: Any, tile: Any) -> Any:
    """The sum of all numbers of a tile."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(FLOAT, [FLOAT, VECTOR])
        add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        total = builder.extract_value(args[0], 0)
        for k in range(1, signature.args[0].count):
            total = builder.fadd(total, builder.extract_value(args[0], k))
        return builder.call(add, [ir.Constant(FLOAT, 0.0), total], fastmath=("reassoc",))

    return types.float32(tile), emit


@intrinsic
def fold(typing: Any, tile: Any) -> Any:
    """All vectors of a tile added up to one, as a tile of one."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total = builder.extract_value(args[0], 0)
        for k in range(1, signature.args[0].count):
            total = builder.fadd(total, builder.extract_value(args[0], k))
        return builder.insert_value(empty(context, signature.return_type), total, 0)

    return TileType(1, 1)(tile), emit
