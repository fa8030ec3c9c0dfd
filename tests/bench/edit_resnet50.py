#!/usr/bin/env python3
"""How long all shapes of ResNet-50 take after one edit; the editor has 16 ms, one picture of the screen.

    python tests/bench/edit_resnet50.py

Each edit changes the size of the input to one never seen before, so that every layer is computed anew: the most that an
edit can cost.  Prints the first inference after the start, the median and the slowest, and fails where an edit takes
longer than a picture.  As in the program, Python searches for unused cycles of objects between two edits, not in one.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time

from convstudio.collecting import collect_what_is_due
from engine import Graph, Node, infer, make, template

FRAME_MS = 16.0
EDITS = 200


def edited(graph: Graph, size_px: int) -> Graph:
    return graph.replace(Node("input", make("input", shape=(3, size_px, size_px)), graph["input"].position))


def inference_ms(graph: Graph) -> float:
    start = time.perf_counter()
    infer(graph)
    spent = time.perf_counter() - start
    collect_what_is_due()
    return spent * 1e3


def main() -> int:
    gc.disable()
    graph = template("resnet50")
    first = inference_ms(graph)
    times = [inference_ms(edited(graph, 32 * edit)) for edit in range(8, 8 + EDITS)]
    print(f"first {first:.1f} ms   median {statistics.median(times):.1f} ms   slowest {max(times):.1f} ms")
    return 0 if max(times) < FRAME_MS else 1


if __name__ == "__main__":
    sys.exit(main())
