"""Tiles: small blocks of vector registers as values inside Numba kernels.

A Tile(R, C) holds R x C vectors of LANES float32 numbers; the numbers of one vector belong to LANES samples.
LLVM keeps a tile in registers as long as it is created, used and stored inside one loop body, which an array of
accumulators would not be.  This is the only file that knows LLVM.  Offsets and steps count float32 numbers from an
array's first element, so that a view's negative offsets reach its halo.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from engine.jit import LANES, device

FLOAT, INT32, BYTE = ir.FloatType(), ir.IntType(32), ir.IntType(8)
VECTOR, INTS, BYTES = (ir.VectorType(t, LANES) for t in (FLOAT, INT32, BYTE))
FLAGS = ("contract", "reassoc", "nsz", "arcp")
N = types.intp


class TileType(types.Type):  # type: ignore[misc]  # Numba has no types
    """rows x columns vectors; kind "float", or "mask" for the result of a comparison."""

    def __init__(self, rows: int, columns: int, kind: str = "float") -> None:
        self.rows, self.columns, self.kind = rows, columns, kind
        super().__init__(name=f"Tile({rows}, {columns}, {kind})")

    @property
    def count(self) -> int:
        return self.rows * self.columns

    def of(self, kind: str) -> TileType:
        return TileType(self.rows, self.columns, kind)


@register_model(TileType)
class TileModel(models.PrimitiveModel):  # type: ignore[misc]
    """An LLVM array of vectors, which scalar replacement turns into registers."""

    def __init__(self, manager: Any, tile: TileType) -> None:
        element = VECTOR if tile.kind == "float" else ir.VectorType(ir.IntType(1), LANES)
        super().__init__(manager, tile, ir.ArrayType(element, tile.count))


def _address(context: Any, builder: Any, array_type: Any, array: Any, offset: Any, vector: Any = VECTOR) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset]), vector.as_pointer())


def _load(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    return builder.load(_address(context, builder, array_type, array, offset), align=4)


def _load_scalar(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.load(builder.gep(data, [offset]))


def _splat(builder: Any, scalar: Any) -> Any:
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), scalar, ir.Constant(INT32, 0))
    return builder.shuffle_vector(one, ir.Constant(VECTOR, ir.Undefined), ir.Constant(INTS, [0] * LANES))


def _splat_whole(builder: Any, number: Any) -> Any:
    whole = builder.trunc(number, INT32) if number.type.width > 32 else number
    one = builder.insert_element(ir.Constant(INTS, ir.Undefined), whole, ir.Constant(INT32, 0))
    return builder.shuffle_vector(one, ir.Constant(INTS, ir.Undefined), ir.Constant(INTS, [0] * LANES))


def _at(builder: Any, base: Any, step: Any, index: int) -> Any:
    return builder.add(base, builder.mul(step, ir.Constant(step.type, index)))


def _spots(builder: Any, tile: TileType, offset: Any, row_step: Any, column_step: Any) -> Any:
    for r in range(tile.rows):
        for c in range(tile.columns):
            yield r * tile.columns + c, _at(builder, _at(builder, offset, row_step, r), column_step, c)


def _empty(context: Any, tile: TileType) -> Any:
    return ir.Constant(context.get_value_type(tile), ir.Undefined)


def _intrinsic_call(builder: Any, name: str, *args: Any) -> Any:
    kind = args[0].type
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * len(args)), f"{name}.v{LANES}f32"
    )
    return builder.call(function, args)


def _literal_tile(rows: Any, columns: Any) -> TileType | None:
    if isinstance(rows, types.IntegerLiteral) and isinstance(columns, types.IntegerLiteral):
        return TileType(rows.literal_value, columns.literal_value)
    return None


# --- making tiles ----------------------------------------------------------------------------------------------------


@intrinsic(prefer_literal=True)
def zeros(typing: Any, rows: Any, columns: Any) -> Any:
    """A tile of zeros."""
    tile = _literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(context.get_value_type(tile), [ir.Constant(VECTOR, [0.0] * LANES)] * tile.count)  # type: ignore[union-attr]

    return tile and (tile(rows, columns), emit)


@intrinsic(prefer_literal=True)
def splat(typing: Any, value: Any, rows: Any, columns: Any) -> Any:
    """A tile with the same number everywhere."""
    tile = _literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector, result = _splat(builder, args[0]), _empty(context, signature.return_type)
        for k in range(signature.return_type.count):
            result = builder.insert_value(result, vector, k)
        return result

    return tile and (tile(types.float32, rows, columns), emit)


@intrinsic(prefer_literal=True)
def load(typing: Any, x: Any, offset: Any, row_step: Any, column_step: Any, rows: Any, columns: Any) -> Any:
    """tile[r, c] = x[offset + r * row_step + c * column_step :][:LANES]"""
    tile = _literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result = _empty(context, signature.return_type)
        for k, spot in _spots(builder, signature.return_type, *args[1:4]):
            result = builder.insert_value(result, _load(context, builder, signature.args[0], args[0], spot), k)
        return result

    return tile and (tile(x, N, N, N, rows, columns), emit)


@intrinsic(prefer_literal=True)
def load_rows(typing: Any, b: Any, offset: Any, step: Any, rows: Any, columns: Any) -> Any:
    """tile[r, c] = b[offset + r * step] in every lane: a bias, a scale, ..."""
    tile = _literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        tile, result = signature.return_type, _empty(context, signature.return_type)
        for r in range(tile.rows):
            spot = _at(builder, args[1], args[2], r)
            vector = _splat(builder, _load_scalar(context, builder, signature.args[0], args[0], spot))
            for c in range(tile.columns):
                result = builder.insert_value(result, vector, r * tile.columns + c)
        return result

    return tile and (tile(b, N, N, rows, columns), emit)


@intrinsic(prefer_literal=True)
def load_bytes(typing: Any, x: Any, offset: Any, rows: Any, columns: Any) -> Any:
    """A tile of small whole numbers kept as one byte a lane; columns follow each other."""
    tile = _literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result, step = _empty(context, signature.return_type), ir.Constant(args[1].type, LANES)
        for k, spot in _spots(builder, signature.return_type, args[1], step, step):
            address = _address(context, builder, signature.args[0], args[0], spot, BYTES)
            result = builder.insert_value(result, builder.uitofp(builder.load(address, align=1), VECTOR), k)
        return result

    return tile and (tile(x, N, rows, columns), emit)


# --- storing tiles ---------------------------------------------------------------------------------------------------


@intrinsic
def store(typing: Any, tile: Any, y: Any, offset: Any, row_step: Any, column_step: Any) -> Any:
    """y[offset + r * row_step + c * column_step :][:LANES] = tile[r, c]"""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for k, spot in _spots(builder, signature.args[0], *args[2:5]):
            address = _address(context, builder, signature.args[1], args[1], spot)
            builder.store(builder.extract_value(args[0], k), address, align=4)
        return context.get_dummy_value()

    return types.void(tile, y, N, N, N), emit


@intrinsic
def store_bytes(typing: Any, tile: Any, y: Any, offset: Any) -> Any:
    """Keeps a tile of small whole numbers as one byte a lane."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        step = ir.Constant(args[2].type, LANES)
        for k, spot in _spots(builder, signature.args[0], args[2], step, step):
            whole = builder.fptoui(builder.extract_value(args[0], k), INTS)
            address = _address(context, builder, signature.args[1], args[1], spot, BYTES)
            builder.store(builder.trunc(whole, BYTES), address, align=1)
        return context.get_dummy_value()

    return types.void(tile, y, N), emit


@intrinsic
def store_sums(typing: Any, tile: Any, y: Any, offset: Any, row_step: Any, column_step: Any) -> Any:
    """y[offset + r * row_step + c * column_step] = sum of the lanes of tile[r, c]"""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(FLOAT, [FLOAT, VECTOR])
        add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        data = context.make_array(signature.args[1])(context, builder, args[1]).data
        for k, spot in _spots(builder, signature.args[0], *args[2:5]):
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
        for k, spot in _spots(builder, signature.args[0], offset, row_step, step):
            before = k % signature.args[0].columns * LANES
            limit = _splat_whole(builder, builder.sub(count, ir.Constant(count.type, before)))
            inside = builder.icmp_signed("<", ir.Constant(INTS, list(range(LANES))), limit)
            address = _address(context, builder, signature.args[1], y, spot)
            builder.call(masked, [builder.extract_value(result, k), address, ir.Constant(INT32, 4), inside])
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
        return builder.insert_value(_empty(context, signature.return_type), total, 0)

    return TileType(1, 1)(tile), emit


# --- multiply and add ------------------------------------------------------------------------------------------------


def _multiply_add(name: str, doc: str, broadcast: bool) -> Any:
    def declare(typing: Any, tile: Any, x: Any, xo: Any, xs: Any, w: Any, wo: Any, ws: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            result, x, xo, xs, w, wo, ws = args
            tile = signature.args[0]

            def pixel(c: int) -> Any:
                return _load(context, builder, signature.args[1], x, _at(builder, xo, xs, c))

            def weight(r: int) -> Any:
                spot = _at(builder, wo, ws, r)
                if broadcast:
                    return _splat(builder, _load_scalar(context, builder, signature.args[4], w, spot))
                return _load(context, builder, signature.args[4], w, spot)

            # The shorter side stays in registers, the longer one passes by: both would not fit beside the tile.
            if tile.rows <= tile.columns:
                kept = [weight(r) for r in range(tile.rows)]
                pairs = ((r, c, kept[r], p) for c in range(tile.columns) for p in [pixel(c)] for r in range(tile.rows))
            else:
                kept = [pixel(c) for c in range(tile.columns)]
                pairs = ((r, c, f, kept[c]) for r in range(tile.rows) for f in [weight(r)] for c in range(tile.columns))
            for r, c, factor, vector in pairs:
                k = r * tile.columns + c
                total = _intrinsic_call(builder, "llvm.fma", factor, vector, builder.extract_value(result, k))
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
        result = _empty(context, tile)
        for k in range(tile.count):
            parts = [
                builder.extract_value(a, k) if isinstance(t, TileType) else _splat(builder, a)
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
        return x(x), _lanewise("float", lambda builder, v: _intrinsic_call(builder, llvm_name, v))

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

        key, first, step = (_splat_whole(builder, a) for a in args)
        counter = builder.add(first, builder.mul(step, ir.Constant(INTS, list(range(LANES)))))
        bits = builder.add(builder.mul(counter, whole(0x9E3779B1)), key)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, None)):  # MurmurHash3's last steps
            bits = builder.xor(bits, builder.lshr(bits, whole(shift)))
            bits = bits if factor is None else builder.mul(bits, whole(factor))
        number = builder.uitofp(builder.lshr(bits, whole(8)), VECTOR)
        vector = builder.fmul(number, ir.Constant(VECTOR, [2.0**-24] * LANES))
        return builder.insert_value(_empty(context, tile), vector, 0)

    return tile(N, N, N), emit


@intrinsic(prefer_literal=True)
def lane_mask(typing: Any, count: Any, rows: Any, columns: Any) -> Any:
    """A tile with 1 in the first `count` lanes of each vector and 0 in the others."""
    tile = _literal_tile(rows, columns)

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        inside = builder.icmp_signed("<", ir.Constant(INTS, list(range(LANES))), _splat_whole(builder, args[0]))
        ones, none = ir.Constant(VECTOR, [1.0] * LANES), ir.Constant(VECTOR, [0.0] * LANES)
        vector, result = builder.select(inside, ones, none), _empty(context, signature.return_type)
        for k in range(signature.return_type.count):
            result = builder.insert_value(result, vector, k)
        return result

    return tile and (tile(N, rows, columns), emit)


# --- constant matrices -----------------------------------------------------------------------------------------------

MATRICES: dict[str, Any] = {}  # by name, since a kernel's constants are numbers and words


def _combine(builder: Any, row: Any, vectors: list[Any]) -> Any:
    """The sum of constant multiples of vectors, or None where all are zero."""
    total = None
    for weight, vector in zip(row, vectors, strict=True):
        if weight == 0:
            continue
        size = abs(float(weight))
        term = vector if size == 1 else builder.fmul(vector, ir.Constant(VECTOR, [size] * LANES), flags=FLAGS)
        if total is None:
            total = term if weight > 0 else builder.fsub(ir.Constant(VECTOR, [0.0] * LANES), term, flags=FLAGS)
        else:
            total = (builder.fadd if weight > 0 else builder.fsub)(total, term, flags=FLAGS)
    return total


def _apply_matrix(builder: Any, matrix: Any, vectors: list[Any]) -> list[Any]:
    """matrix @ vectors; two rows that differ only in signs share their sums: S + D and S - D."""
    results: list[Any] = []
    rows = [tuple(map(float, row)) for row in matrix]
    while len(results) < len(rows):
        row, after = rows[len(results)], rows[len(results) + 1] if len(results) + 1 < len(rows) else None
        mirrored = after is not None and after != row and all(abs(a) == abs(b) for a, b in zip(row, after, strict=True))
        if not mirrored:
            results.append(_combine(builder, row, vectors))
            continue
        assert after is not None
        same = _combine(builder, [a if a == b else 0 for a, b in zip(row, after, strict=True)], vectors)
        other = _combine(builder, [a if a != b else 0 for a, b in zip(row, after, strict=True)], vectors)
        if same is None:  # the second row is the first one's negative
            results += [other, builder.fsub(ir.Constant(VECTOR, [0.0] * LANES), other, flags=FLAGS)]
        else:
            results += [builder.fadd(same, other, flags=FLAGS), builder.fsub(same, other, flags=FLAGS)]
    return results


@intrinsic(prefer_literal=True)
def sandwich(typing: Any, name: Any, tile: Any) -> Any:
    """M @ tile @ M^T, lane by lane, for the constant matrix M of this name."""
    matrix = MATRICES[name.literal_value]
    result_type = TileType(matrix.shape[0], matrix.shape[0])

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        size = signature.args[1].rows
        grid = [[builder.extract_value(args[1], r * size + c) for c in range(size)] for r in range(size)]
        columns = [_apply_matrix(builder, matrix, [grid[r][c] for r in range(size)]) for c in range(size)]
        result = _empty(context, result_type)
        for r in range(matrix.shape[0]):
            for c, vector in enumerate(_apply_matrix(builder, matrix, [column[r] for column in columns])):
                result = builder.insert_value(result, vector, r * matrix.shape[0] + c)
        return result

    return result_type(name, tile), emit


@intrinsic
def transpose(typing: Any, tile: Any) -> Any:
    """A square of numbers, LANES rows of one vector, with rows and lanes exchanged."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = [builder.extract_value(args[0], k) for k in range(LANES)]
        step = LANES // 2
        while step:  # exchanges the corners of ever smaller squares
            for i in (i for i in range(LANES) if not i & step):
                upper = [j if not j & step else LANES + j - step for j in range(LANES)]
                lower = [j + step if not j & step else LANES + j for j in range(LANES)]
                pair = rows[i], rows[i + step]
                rows[i], rows[i + step] = (
                    builder.shuffle_vector(*pair, ir.Constant(INTS, mask)) for mask in (upper, lower)
                )
            step //= 2
        result = _empty(context, signature.return_type)
        for k, row in enumerate(rows):
            result = builder.insert_value(result, row, k)
        return result

    return tile(tile), emit


# --- the end of a kernel: what happens to a finished gradient ---------------------------------------------------------

ACCUMULATE, GATE = 1, 2  # modes of `put`, to be added up


@intrinsic
def put(
    typing: Any,
    tile: Any,
    y: Any,
    offset: Any,
    row_step: Any,
    step: Any,
    gate: Any,
    go: Any,
    gr: Any,
    gs: Any,
    mode: Any,
    skip: Any,
) -> Any:
    """Stores a gradient: added to what is there (ACCUMULATE), then zero wherever the gate is not above zero (GATE).

    The first `skip` columns overlap the tile before: a repeated store does no harm, a repeated sum would.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result, y, offset, row_step, step, gate, go, gr, gs, mode, skip = args
        tile, zero = signature.args[0], ir.Constant(VECTOR, [0.0] * LANES)
        spots = list(_spots(builder, tile, offset, row_step, step))
        targets = [_address(context, builder, signature.args[1], y, spot) for _, spot in spots]
        with builder.if_else(builder.icmp_signed("==", mode, ir.Constant(mode.type, 0))) as (plain, general):
            with plain:
                for (k, _), target in zip(spots, targets, strict=True):
                    builder.store(builder.extract_value(result, k), target, align=4)
            with general:
                adds, gates = (
                    builder.trunc(builder.lshr(mode, ir.Constant(mode.type, bit)), ir.IntType(1)) for bit in (0, 1)
                )
                for (k, gate_spot), target in zip(_spots(builder, tile, go, gr, gs), targets, strict=True):
                    stored = builder.load(target, align=4)
                    before = builder.select(adds, stored, zero)
                    total = builder.fadd(builder.extract_value(result, k), before)
                    open_gate = builder.fcmp_ordered(
                        ">", _load(context, builder, signature.args[5], gate, gate_spot), zero
                    )
                    gated = builder.select(open_gate, total, zero)
                    done = builder.icmp_signed(">", skip, ir.Constant(skip.type, k % tile.columns))
                    fresh = builder.select(gates, gated, total)
                    builder.store(builder.select(builder.and_(adds, done), stored, fresh), target, align=4)
        return context.get_dummy_value()

    return types.void(tile, y, N, N, N, gate, N, N, N, N, N), emit


@device
def steps(x):  # type: ignore[no-untyped-def]
    """Steps of a 6-D view in numbers, from one block, channel, plane and row to the next; columns are LANES apart."""
    s, size = x.strides, x.itemsize
    return s[0] // size, s[1] // size, s[2] // size, s[3] // size
