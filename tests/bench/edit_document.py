#!/usr/bin/env python3
"""How long an edit of ResNet-50 takes through the document, with undo, shapes and signals; the editor has 16 ms.

    python tests/bench/edit_document.py

Three kinds of edits: the size of the input to one never seen before, so that every layer is computed anew; one kernel;
and a drag of one card.  Prints median and slowest of each, and fails where one takes longer than a picture.  As in the
program, Python searches for unused cycles of objects between two edits, not in one; how long that takes is printed.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable

from convstudio.collecting import collect_what_is_due
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.edits import Edit
from convstudio.document.project import Project
from engine import template

FRAME_MS = 16.0
EDITS = 200


def edit_ms(document: Document, edit: Callable[[Project], Edit], gesture: str | None) -> float:
    start = time.perf_counter()
    document.perform(edit(document.project), gesture=gesture)
    return (time.perf_counter() - start) * 1e3


def collection_ms() -> float:
    start = time.perf_counter()
    collect_what_is_due()
    return (time.perf_counter() - start) * 1e3


def main() -> int:
    gc.disable()
    gc.collect()
    gc.freeze()
    document = Document(Project(template("resnet50")))
    document.perform(edits.set_field(document.project, {"input"}, "shape", (3, 32, 32)))  # what is loaded once
    document.undo_stack.undo()
    kinds: dict[str, tuple[Callable[[int], Callable[[Project], Edit]], str | None]] = {
        "input": (lambda i: lambda p: edits.set_field(p, {"input"}, "shape", (3, 256 + 32 * i, 256)), None),
        "kernel": (lambda i: lambda p: edits.set_field(p, {"conv1"}, "kernel_size", 1 + 2 * (i % 20)), None),
        "drag": (lambda i: lambda p: edits.move(p, {"conv1": (float(i), 1.0)}), "drag"),
    }
    slowest, pauses = 0.0, [0.0]
    for name, (make_edit, gesture) in kinds.items():
        times = []
        for i in range(EDITS):
            times.append(edit_ms(document, make_edit(i), gesture))
            pauses.append(collection_ms())
        slowest = max(slowest, *times)
        print(f"{name:8}median {statistics.median(times):.2f} ms   slowest {max(times):.2f} ms")
    print(f"the longest search for cycles between two edits: {max(pauses):.1f} ms")
    return 0 if slowest < FRAME_MS else 1


if __name__ == "__main__":
    sys.exit(main())
