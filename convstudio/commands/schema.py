"""The JSON Schema of network files."""

from __future__ import annotations

import argparse

from engine.schema import schema_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    print(schema_text(), end="")
