"""Small squares of vectors: products with constant matrices, and rows exchanged with lanes."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.extending import intrinsic

from engine.jit import LANES
from engine.kernels.simd.registers import FLAGS, INTS, VECTOR, TileType, empty

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
        result = empty(context, result_type)
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
        result = empty(context, signature.return_type)
        for k, row in enumerate(rows):
            result = builder.insert_value(result, row, k)
        return result

    return tile(tile), emit
