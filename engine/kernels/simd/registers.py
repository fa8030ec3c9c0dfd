"""Tiles as LLVM sees them, and the small pieces of code that every operation on them is made of."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import models, register_model

from engine.jit import LANES

FLOAT, INT32, BYTE = ir.FloatType(), ir.IntType(32), ir.IntType(8)
VECTOR, INTS, BYTES = (ir.VectorType(t, LANES) for t in (FLOAT, INT32, BYTE))
FLAGS = ("contract", "nsz")
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


def address(context: Any, builder: Any, array_type: Any, array: Any, offset: Any, vector: Any = VECTOR) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset]), vector.as_pointer())


def load_vector(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    return builder.load(address(context, builder, array_type, array, offset), align=4)


def load_scalar(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.load(builder.gep(data, [offset]))


def splat_vector(builder: Any, scalar: Any) -> Any:
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), scalar, ir.Constant(INT32, 0))
    return builder.shuffle_vector(one, ir.Constant(VECTOR, ir.Undefined), ir.Constant(INTS, [0] * LANES))


def splat_whole(builder: Any, number: Any) -> Any:
    whole = builder.trunc(number, INT32) if number.type.width > 32 else number
    one = builder.insert_element(ir.Constant(INTS, ir.Undefined), whole, ir.Constant(INT32, 0))
    return builder.shuffle_vector(one, ir.Constant(INTS, ir.Undefined), ir.Constant(INTS, [0] * LANES))


def at(builder: Any, base: Any, step: Any, index: int) -> Any:
    return builder.add(base, builder.mul(step, ir.Constant(step.type, index)))


def spots(builder: Any, tile: TileType, offset: Any, row_step: Any, column_step: Any) -> Any:
    for r in range(tile.rows):
        for c in range(tile.columns):
            yield r * tile.columns + c, at(builder, at(builder, offset, row_step, r), column_step, c)


def empty(context: Any, tile: TileType) -> Any:
    return ir.Constant(context.get_value_type(tile), ir.Undefined)


def call_intrinsic(builder: Any, name: str, *args: Any) -> Any:
    kind = args[0].type
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * len(args)), f"{name}.v{LANES}f32"
    )
    return builder.call(function, args)


def literal_tile(rows: Any, columns: Any) -> TileType | None:
    if isinstance(rows, types.IntegerLiteral) and isinstance(columns, types.IntegerLiteral):
        return TileType(rows.literal_value, columns.literal_value)
    return None
