"""What happens to a finished gradient at the end of a kernel."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from engine.jit import LANES, device
from engine.kernels.simd.registers import VECTOR, N, address, load_vector, spots

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
        places = list(spots(builder, tile, offset, row_step, step))
        targets = [address(context, builder, signature.args[1], y, place) for _, place in places]
        with builder.if_else(builder.icmp_signed("==", mode, ir.Constant(mode.type, 0))) as (plain, general):
            with plain:
                for (k, _), target in zip(places, targets, strict=True):
                    builder.store(builder.extract_value(result, k), target, align=4)
            with general:
                adds, gates = (
                    builder.trunc(builder.lshr(mode, ir.Constant(mode.type, bit)), ir.IntType(1)) for bit in (0, 1)
                )
                for (k, gate_spot), target in zip(spots(builder, tile, go, gr, gs), targets, strict=True):
                    stored = builder.load(target, align=4)
                    before = builder.select(adds, stored, zero)
                    total = builder.fadd(builder.extract_value(result, k), before)
                    open_gate = builder.fcmp_ordered(
                        ">", load_vector(context, builder, signature.args[5], gate, gate_spot), zero
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
