"""The networks that come with the program, one a line."""

from __future__ import annotations

import argparse

from convstudio.wording import thousands
from engine.shapes import infer
from engine.templates import template, template_names


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    for name in template_names():
        graph = template(name)
        print(f"{name:18} {thousands(infer(graph).parameter_count):>12}  {graph.description}")
