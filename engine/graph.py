"""A network as a value: nodes, edges, and edits that return new graphs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

import attrs

from engine.errors import FieldError, GraphError
from engine.spec import Layer, layers, make

FORMAT, VERSION = "convstudio-network", 1
MAX_POSITION = 1e9
MAX_NODES = 10_000  # a network file is somebody's input: refuse what no one can have drawn


@attrs.frozen
class Node:
    """A layer at its place in a network."""

    id: str
    layer: Layer
    position: tuple[float, float] = (0.0, 0.0)


@attrs.frozen
class Edge:
    """A wire from a node's output to one input port of another."""

    source: str
    target: str
    port: int = 0


@attrs.frozen(slots=False)
class Graph:
    """A directed acyclic network of layers; every edit returns a new graph."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    name: str = "network"
    description: str = ""

    def __getitem__(self, node_id: str) -> Node:
        return self._by_id[node_id]

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._by_id

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _incoming(self) -> dict[str, tuple[Edge, ...]]:
        found: dict[str, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return {target: tuple(sorted(edges, key=lambda e: e.port)) for target, edges in found.items()}

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Edge, ...]]:
        found: dict[str, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge)
        return {source: tuple(edges) for source, edges in found.items()}

    def incoming(self, node_id: str) -> tuple[Edge, ...]:
        """The wires into a node, by port."""
        return self._incoming[node_id]

    def outgoing(self, node_id: str) -> tuple[Edge, ...]:
        """The wires out of a node."""
        return self._outgoing[node_id]

    @cached_property
    def order(self) -> tuple[Node, ...]:
        """Nodes so that each comes after its inputs; nodes on a cycle are left out."""
        waiting = {node.id: len(self.incoming(node.id)) for node in self.nodes}
        ready = [node.id for node in reversed(self.nodes) if not waiting[node.id]]
        ordered = []
        while ready:
            current = ready.pop()
            ordered.append(self[current])
            for edge in reversed(self.outgoing(current)):
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    ready.append(edge.target)
        return tuple(ordered)

    @cached_property
    def outputs(self) -> tuple[Node, ...]:
        """Nodes that nobody reads."""
        return tuple(node for node in self.nodes if not self.outgoing(node.id))

    def free_id(self, kind: str) -> str:
        """A name that is not taken yet: conv2d → conv1, conv2, ..."""
        stem = kind[:-2].rstrip("_") if kind.endswith(("1d", "2d", "3d")) else kind
        number = 1
        while f"{stem}{number}" in self:
            number += 1
        return f"{stem}{number}"

    def add(self, layer: Layer, *sources: str, id: str = "", position: tuple[float, float] = (0.0, 0.0)) -> Graph:
        """With one more layer, fed by the given nodes in the order of its ports."""
        name = id or self.free_id(layer.kind)
        if name in self:
            raise GraphError(f"There is already a node named {name!r}; choose another name.")
        wires = tuple(Edge(source, name, port) for port, source in enumerate(sources))
        return self._with_edges((*self.nodes, Node(name, layer, position)), (*self.edges, *wires))

    def remove(self, *node_ids: str) -> Graph:
        """Without these nodes and their wires."""
        gone = set(node_ids)
        return attrs.evolve(
            self,
            nodes=tuple(n for n in self.nodes if n.id not in gone),
            edges=tuple(e for e in self.edges if e.source not in gone and e.target not in gone),
        )

    def replace(self, node: Node) -> Graph:
        """With the node of the same id exchanged."""
        return attrs.evolve(self, nodes=tuple(node if n.id == node.id else n for n in self.nodes))

    def connect(self, source: str, target: str, port: int = 0) -> Graph:
        """With one more wire."""
        return self._with_edges(self.nodes, (*self.edges, Edge(source, target, port)))

    def disconnect(self, edge: Edge) -> Graph:
        """Without this wire."""
        return attrs.evolve(self, edges=tuple(e for e in self.edges if e != edge))

    def _with_edges(self, nodes: tuple[Node, ...], edges: tuple[Edge, ...]) -> Graph:
        check_edges({node.id for node in nodes}, edges)
        return attrs.evolve(self, nodes=nodes, edges=edges)


def check_edges(names: set[str], edges: Iterable[Edge]) -> None:
    """Every wire joins two nodes that exist, and each port takes one wire."""
    taken: dict[tuple[str, int], str] = {}
    for edge in edges:
        for end in (edge.source, edge.target):
            if end not in names:
                raise GraphError(f"A wire from {edge.source!r} to {edge.target!r} needs {end!r}, which does not exist.")
        place = edge.target, edge.port
        if place in taken:
            raise GraphError(
                f"Input {edge.port} of {edge.target} takes one wire, and {taken[place]} is wired to it already."
            )
        taken[place] = edge.source


def chain(*layers: Layer, name: str = "network", description: str = "") -> Graph:
    """A network of layers one after the other."""
    graph = Graph(name=name, description=description)
    last: tuple[str, ...] = ()
    for layer in layers:
        graph = graph.add(layer, *last)
        last = (graph.nodes[-1].id,)
    return graph


def to_json(graph: Graph) -> dict[str, Any]:
    """The network file's content."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": graph.name,
        "description": graph.description,
        "nodes": [
            {"id": n.id, "kind": n.layer.kind, "fields": _plain_settings(n.layer), "position": list(n.position)}
            for n in graph.nodes
        ],
        "edges": [{"from": e.source, "to": e.target, **({"port": e.port} if e.port else {})} for e in graph.edges],
    }


def _plain_settings(layer: Layer) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in layer.settings().items():
        if isinstance(value, tuple):
            one_number = layer.fields()[name].kind == "axes" and len(set(value)) == 1
            plain[name] = value[0] if one_number else list(value)
        else:
            plain[name] = value
    return plain


def from_json(content: Any) -> Graph:
    """A graph from a network file's content; anything unexpected is a GraphError that says where."""
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise GraphError(f'This is not a network file: it should be a JSON object with "format": "{FORMAT}".')
    version = content.get("version")
    if not _is_whole(version) or not 1 <= version <= VERSION:
        raise GraphError(f"The network file has version {version!r}; this program reads versions 1 to {VERSION}.")
    nodes = [_read_node(item, i) for i, item in enumerate(_list(content, "nodes"))]
    edges = [_read_edge(item, i) for i, item in enumerate(_list(content, "edges"))]
    names: set[str] = set()
    for node in nodes:
        if node.id in names:
            raise GraphError(f"Two nodes of the network file are named {node.id!r}; names must differ.")
        names.add(node.id)
    check_edges(names, edges)
    return Graph(tuple(nodes), tuple(edges), _text(content, "name", "network"), _text(content, "description", ""))


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    """Whether it is text that can be written again: JSON can spell halves of characters, files cannot hold them."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_place(value: Any) -> bool:
    """Whether it is two finite numbers; whole ones may be too large for a float, which is no place either."""
    numbers = isinstance(value, list) and len(value) == 2 and all(_is_whole(p) or isinstance(p, float) for p in value)
    return numbers and all(abs(p) <= MAX_POSITION for p in value)  # NaN is not


def _text(content: Mapping[str, Any], key: str, otherwise: str) -> str:
    value = content.get(key, otherwise)
    if not _is_text(value):
        raise GraphError(f'"{key}" of the network file must be text.')
    return str(value)


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    items = content.get(key)
    if not isinstance(items, list) or len(items) > MAX_NODES:
        raise GraphError(f'"{key}" of the network file must be a list of at most {MAX_NODES} items.')
    return items


def _read_node(item: Any, index: int) -> Node:
    if not isinstance(item, Mapping) or not _is_text(item.get("id")) or not item["id"]:
        raise GraphError(f"Node {index} of the network file needs an id, a text that is not empty.")
    fields, place = item.get("fields", {}), item.get("position", [0, 0])
    if not isinstance(fields, Mapping) or not isinstance(item.get("kind"), str):
        raise GraphError(f"Node {item['id']!r} of the network file needs a kind and its fields.")
    if not _is_place(place):
        raise GraphError(f"The position of node {item['id']!r} must be two numbers from -1e9 to 1e9.")
    try:
        layer = make(item["kind"], **fields)
    except (FieldError, GraphError) as problem:
        raise GraphError(f"Node {item['id']!r} of the network file: {problem}") from problem
    return Node(item["id"], layer, (float(place[0]), float(place[1])))


def _read_edge(item: Any, index: int) -> Edge:
    texts = isinstance(item, Mapping) and isinstance(item.get("from"), str) and isinstance(item.get("to"), str)
    port = item.get("port", 0) if texts else None
    if not _is_whole(port) or not 0 <= port < MAX_NODES:
        raise GraphError(f'Edge {index} of the network file needs "from" and "to", names of nodes, and a port from 0.')
    return Edge(item["from"], item["to"], port)


def save(graph: Graph, path: Path | str) -> None:
    """Writes the network file, one node a line."""
    Path(path).write_text(dumps(graph), encoding="utf-8")


def dumps(graph: Graph) -> str:
    """The network file's text: readable, and one line a node so that differences are small."""
    content = to_json(graph)
    rows = {
        key: ",\n    ".join(json.dumps(item, ensure_ascii=False) for item in content.pop(key))
        for key in ("nodes", "edges")
    }
    head = json.dumps(content, ensure_ascii=False, indent=2)[:-2]
    lists = ",\n".join(f'  "{key}": [\n    {text}\n  ]' if text else f'  "{key}": []' for key, text in rows.items())
    return f"{head},\n{lists}\n}}\n"


def loads(text: str, where: str = "The text") -> Graph:
    """A graph from a network file's text."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise GraphError(f"{where} is not JSON: {problem}.") from problem
    return from_json(content)


def load(path: Path | str) -> Graph:
    """A graph from a network file."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise GraphError(f"{path} cannot be read: {getattr(problem, 'strerror', None) or problem}.") from problem
    return loads(text, str(path))


def known_kinds() -> tuple[str, ...]:
    """Every layer kind that a network file may name."""
    return tuple(layers())
