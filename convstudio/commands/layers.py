"""What a kind of layer does, and its settings with their limits.

convstudio layers            every kind, one a line
convstudio layers conv2d     one kind with its settings
"""

from __future__ import annotations

import argparse

from engine.spec import layers, make


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", help="a kind of layer; all of them where none is named")


def run(options: argparse.Namespace) -> None:
    if not options.kind:
        for kind, layer in layers().items():
            print(f"{kind:22} {layer.category:12} {layer.summary()}")
        return
    layer = type(make(options.kind))
    print(f"{layer.title} ({layer.category})\n{layer.summary()}\n")
    for name, field in layer.fields().items():
        limits = field.limits if field.low is not None else "true or false" if field.kind == "flag" else ""
        words = ", ".join(field.options)
        print(
            f"  {name} = {field.default!r}  ({', '.join(part for part in (limits, words) if part)})\n      {field.help}"
        )
