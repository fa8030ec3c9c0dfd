"""Networks that come with the program."""

from __future__ import annotations

from functools import cache

from engine import graph as graphs
from engine.errors import GraphError
from engine.graph import Graph
from engine.resources import read_text, resource_path


@cache
def template_names() -> tuple[str, ...]:
    """The names of all templates."""
    return tuple(sorted(path.stem for path in resource_path("templates").glob("*.json")))


@cache
def template(name: str) -> Graph:
    """The network of this name."""
    if name not in template_names():
        raise GraphError(f"There is no template {name!r}; there are {', '.join(template_names())}.")
    return graphs.loads(read_text("templates", f"{name}.json"), f"Template {name}")


def find(name_or_path: str) -> Graph:
    """A template by name, or a network file by its path."""
    if name_or_path in template_names():
        return template(name_or_path)
    if name_or_path.endswith(".json") or "/" in name_or_path or "\\" in name_or_path:
        return graphs.load(name_or_path)
    raise GraphError(
        f"There is no template {name_or_path!r}; there are {', '.join(template_names())}. "
        "A network file of your own is named by its path, ending in .json."
    )
