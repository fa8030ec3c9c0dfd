"""Writes what the engine's sources make into `resources`: templates and the network file's schema."""

from __future__ import annotations

from engine import graph as graphs
from engine.architectures import ARCHITECTURES
from engine.resources import resource_path
from engine.schema import schema_text


def main() -> None:
    for name, build in ARCHITECTURES.items():
        graphs.save(build(), resource_path("templates", f"{name}.json"))
    resource_path("network.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
