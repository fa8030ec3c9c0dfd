"""How fast a network trains on this machine.

Measures whole training steps (forward, cross-entropy, backward, Adam) on random images, and every layer on its own.

    convstudio bench --template lenet5
    convstudio bench my-network.json --batch 32 --threads 2 --seconds 5 --json -
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.templates import find


def arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("network", metavar="NETWORK", nargs="?", help="a template's name, or the path of a network file")
    which.add_argument("--template", metavar="NAME", help="the same, for a template")
    parser.add_argument("--batch", type=int, default=64, metavar="N", help="samples in a step (64)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads that compute (2)")
    parser.add_argument("--seconds", type=float, default=3.0, metavar="S", help="how long whole steps are measured (3)")
    parser.add_argument("--json", metavar="FILE", help="write a JSON object to a file, or to the terminal with -")


def run(options: argparse.Namespace) -> None:
    name = options.template or options.network
    if options.batch < 1 or options.threads < 1 or not 0 < options.seconds <= 3600:
        raise EngineError("bench needs a batch and threads of at least 1, and from 0 to 3600 seconds.")
    graph = find(name)
    from engine.bench import measure

    result = measure(graph, options.batch, options.threads, options.seconds) | {"network": name}
    if options.json == "-":
        print(json.dumps(result))
    elif options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    else:
        print_table(result)


def print_table(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Layer")
    for title in ("Forward ms", "Backward ms", "GFLOP/s"):
        table.add_column(title, justify="right")
    for row in result["layers"]:
        times = f"{row['forward_ms']:.3f}", f"{row['backward_ms']:.3f}"
        table.add_row(row["id"], *times, f"{row['gflops']:.0f}" if row["gflops"] else "")
    console = Console(file=sys.stdout)
    console.print(table)
    console.print(
        f"{result['samples_per_second']:.0f} samples/s · {result['milliseconds_per_step']:.3f} ms a step · "
        f"{result['gflops']:.0f} GFLOP/s · ready after {result['ready_seconds']:.1f} s · "
        f"peak memory {result['peak_memory_bytes'] / 1e6:.0f} MB, "
        f"of it {result['arena_bytes'] / 1e6:.1f} MB for the step",
        highlight=False,
    )
