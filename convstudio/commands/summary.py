"""What a network is made of: shapes, parameters and work, layer by layer.

Prints a table in the way of torchinfo: the shape that each layer makes, its parameters, the multiplications with
additions for one sample, the part of the input that one of its pixels sees, and the memory of its output and gradient.

    convstudio summary lenet5
    convstudio summary my-network.json --json
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from convstudio import wording
from engine.graph import Graph
from engine.shapes import Inference, checked
from engine.templates import find


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", metavar="NETWORK", help="a template's name, or the path of a network file")
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of the table")


def run(options: argparse.Namespace) -> None:
    graph = find(options.network)
    inference = checked(graph)
    if options.json:
        print(json.dumps(as_json(graph, inference), indent=2))
    else:
        print_table(graph, inference)


def as_json(graph: Graph, inference: Inference) -> dict[str, Any]:
    rows = []
    for node in graph.order:
        shape = inference.nodes[node.id]
        field = shape.receptive_field
        rows.append(
            {
                "id": node.id,
                "kind": node.layer.kind,
                "output_shape": list(shape.output),
                "parameters": shape.parameter_count,
                "multiply_adds": shape.multiply_adds,
                "receptive_field": list(field.size) if field else None,
                "memory_bytes": shape.memory_bytes,
            }
        )
    return {
        "parameters": inference.parameter_count,
        "multiply_adds": inference.multiply_adds,
        "memory_bytes": inference.memory_bytes,
        "layers": rows,
    }


def print_table(graph: Graph, inference: Inference) -> None:
    """As plain text, which the window exports too; on a terminal so that it suits its width."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        print(wording.table(graph, inference), end="")
        return
    table = Table(title=graph.name, caption=graph.description or None, box=None, header_style="bold", pad_edge=False)
    for number, title in enumerate(wording.COLUMNS):
        right = number >= wording.FIRST_NUMBER
        table.add_column(title, justify="right" if right else "left", no_wrap=right)
    for row in wording.rows(graph, inference):
        table.add_row(*row)
    console.print(table)
    console.print(wording.totals(inference), highlight=False)
