"""Networks that come with the program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import attrs

from engine import graph as graphs
from engine.errors import GraphError
from engine.graph import Graph
from engine.resources import read_text, resource_path
from engine.spec import Shape

SAMPLES: Mapping[Shape, str] = {(1, 28, 28): "mnist", (3, 32, 32): "cifar10", (1, 40): "mnist1d"}


@attrs.frozen
class Template:
    """A network to start from."""

    name: str

    def load(self) -> Graph:
        return template(self.name)

    @property
    def title(self) -> str:
        return _words(self.name)[0]

    @property
    def sentence(self) -> str:
        return _words(self.name)[1]

    @property
    def paragraph(self) -> str:
        """What it is, where it comes from, and what to look at."""
        return _paragraphs().get(self.name, self.sentence)

    @property
    def data(self) -> str:
        """The data set whose samples fit, empty where it takes images of one's own."""
        inputs = [node.layer.output_shape() for node in self.load() if not node.layer.ports]
        return SAMPLES.get(inputs[0], "")


@cache
def _words(name: str) -> tuple[str, str]:
    """A network's name and description; reading all its layers would take much longer."""
    written = json.loads(read_text("templates", f"{name}.json"))
    return written["name"], written["description"]


@cache
def _paragraphs() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(read_text("help", "templates.json"))
    return found


@cache
def template_names() -> tuple[str, ...]:
    """The names of all templates."""
    return tuple(sorted(path.stem for path in resource_path("templates").glob("*.json")))


@cache
def templates() -> Mapping[str, Template]:
    """All templates by name; their files are read when they are looked into."""
    return MappingProxyType({name: Template(name) for name in template_names()})


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
    if name_or_path.lower().endswith(".json") or "/" in name_or_path or "\\" in name_or_path:
        return graphs.load(name_or_path)
    raise GraphError(
        f"There is no template {name_or_path!r}; there are {', '.join(template_names())}. "
        "A network file of your own is named by its path, ending in .json."
    )
