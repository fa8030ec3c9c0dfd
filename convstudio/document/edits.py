"""Edits: functions from a project to the next one, each with the words that undo shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from convstudio.document.connections import refusal
from convstudio.document.project import Project, ProjectError, node_with
from engine.architectures import ROW_PX
from engine.data.source import DataSource
from engine.graph import Edge, Graph, Node
from engine.settings import TrainingSettings
from engine.shapes import Problem
from engine.spec import Fix, Layer, make

Place = tuple[float, float]


@attrs.frozen
class Edit:
    """What an edit is called, what it makes of the project, and what is selected afterwards (None: what was)."""

    text: str
    project: Project
    selection: frozenset[str] | None = None


def _edit(text: str, project: Project, graph: Graph, *selected: str) -> Edit:
    return Edit(text, attrs.evolve(project, graph=graph), frozenset(selected) if selected else None)


def named(ids: Collection[str]) -> str:
    """conv1, conv1 and relu1, or 3 layers."""
    names = sorted(ids)
    return " and ".join(names) if 1 <= len(names) <= 2 else f"{len(names)} layers"


# --- adding ----------------------------------------------------------------------------------------------------------


def add(project: Project, layer: Layer, position: Place) -> Edit:
    """A layer of its own, wired to nothing."""
    name = project.graph.free_id(layer.kind)
    return _edit(f"Add {name}", project, project.graph.add(layer, id=name, position=position), name)


def append(project: Project, layer: Layer, after: str | None = None) -> Edit:
    """A layer after another one: between it and what follows, or at the end of the network."""
    graph = project.graph
    if after is None or after not in graph:
        ends = [node for node in graph.order if not graph.outgoing(node.id)]
        after = ends[-1].id if ends else None
    name = graph.free_id(layer.kind)
    if after is None or not layer.ports:
        return add(project, layer, _free_place(graph))
    x, y = graph[after].position
    following = graph.outgoing(after)
    if following and layer.ports == 1:
        graph = _with_room_below(graph, [edge.target for edge in following], y + 2 * ROW_PX)
        for edge in following:
            graph = graph.disconnect(edge)
    graph = graph.add(layer, after, id=name, position=(x, y + ROW_PX))
    if following and layer.ports == 1:
        for edge in following:
            graph = graph.connect(name, edge.target, edge.port)
    return _edit(f"Add {name} after {after}", _joined(project, after, name), graph, name)


def insert(project: Project, layer: Layer, edge: Edge) -> Edit:
    """A layer in the middle of a wire."""
    graph, name = project.graph, project.graph.free_id(layer.kind)
    if not layer.ports:
        raise ProjectError(f"{layer.title} is where data enters, so it cannot stand in the middle of a wire.")
    (x, y), (_, below) = graph[edge.source].position, graph[edge.target].position
    if below < y + 2 * ROW_PX:
        graph = _with_room_below(graph, [edge.target], y + 2 * ROW_PX)
    graph = graph.disconnect(edge).add(layer, edge.source, id=name, position=(x, y + ROW_PX))
    graph = graph.connect(name, edge.target, edge.port)
    into = _joined(project, edge.source, name) if _same_block(project, edge.source, edge.target) else project
    return _edit(f"Insert {name} between {edge.source} and {edge.target}", into, graph, name)


def _same_block(project: Project, a: str, b: str) -> bool:
    block = project.block_of(a)
    return block is not None and b in block.members


def _joined(project: Project, neighbour: str, name: str) -> Project:
    """A layer that is added inside a block belongs to it."""
    block = project.block_of(neighbour)
    if block is None:
        return project
    wider = attrs.evolve(block, members=(*block.members, name))
    return attrs.evolve(project, blocks=tuple(wider if b is block else b for b in project.blocks))


def _free_place(graph: Graph) -> Place:
    if not graph.nodes:
        return 0.0, 0.0
    lowest = max(graph.nodes, key=lambda node: node.position[1])
    return lowest.position[0], lowest.position[1] + ROW_PX


def _with_room_below(graph: Graph, firsts: Iterable[str], wanted_y: float) -> Graph:
    """Moves these nodes and all that follow them down, far enough for one more row."""
    reached: set[str] = set()
    waiting = list(firsts)
    push = max((wanted_y - graph[name].position[1] for name in waiting), default=0.0)
    if push <= 0:
        return graph
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [edge.target for edge in graph.outgoing(name)]
    places = {n: (graph[n].position[0], graph[n].position[1] + push) for n in reached}
    return _placed(graph, places)


# --- changing --------------------------------------------------------------------------------------------------------


def set_field(project: Project, ids: Collection[str], field: str, value: Any) -> Edit:
    """Another value for a field of one or several layers; one that does not fit is a FieldError."""
    graph, changed = project.graph, []
    for node in project.graph:
        if node.id in ids and field in node.layer.fields():
            graph = graph.replace(node_with(node, **{field: value}))
            changed.append(node.id)
    if not changed:
        raise ProjectError(f"None of the selected layers has a {words(field)}.")
    shown = value_text(graph[changed[0]].layer.settings()[field])
    return _edit(f"Set {words(field)} of {named(changed)} to {shown}", project, graph)


def words(field: str) -> str:
    """kernel_size as people say it."""
    return field.replace("_", " ")


def value_text(value: Any) -> str:
    """A setting in a few characters: 3×3, on, 0.5."""
    if isinstance(value, tuple):
        return "×".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def rename(project: Project, old: str, new: str) -> Edit:
    """Another name for a layer."""
    name = new.strip()
    if not name:
        raise ProjectError("A layer needs a name; give it at least one letter.")
    if name != old and (name in project.graph or any(name == b.id for b in project.blocks)):
        raise ProjectError(f"There is already a layer named {name}; choose another name.")
    graph = project.graph

    def changed(node_id: str) -> str:
        return name if node_id == old else node_id

    nodes = tuple(attrs.evolve(n, id=changed(n.id)) for n in graph.nodes)
    edges = tuple(Edge(changed(e.source), changed(e.target), e.port) for e in graph.edges)
    blocks = tuple(attrs.evolve(b, members=tuple(map(changed, b.members))) for b in project.blocks)
    renamed = attrs.evolve(project, blocks=blocks)
    return _edit(f"Rename {old} to {name}", renamed, attrs.evolve(graph, nodes=nodes, edges=edges), name)


def describe(project: Project, *, name: str | None = None, description: str | None = None) -> Edit:
    """Another name or description of the network."""
    graph = project.graph
    if name is not None:
        return _edit(f"Name the network {name}", project, attrs.evolve(graph, name=name))
    return _edit("Describe the network", project, attrs.evolve(graph, description=description or ""))


def move(project: Project, places: Mapping[str, Place]) -> Edit:
    """Layers and comments at other places."""
    graph = _placed(project.graph, places)
    comments = tuple(attrs.evolve(c, position=places[c.id]) if c.id in places else c for c in project.comments)
    return _edit(f"Move {named(places)}", attrs.evolve(project, comments=comments), graph)


def _placed(graph: Graph, places: Mapping[str, Place]) -> Graph:
    nodes = tuple(Node(n.id, n.layer, places[n.id]) if n.id in places else n for n in graph.nodes)
    return attrs.evolve(graph, nodes=nodes)


def delete(project: Project, ids: Collection[str]) -> Edit:
    """Without these layers and comments; where a layer had one input, what followed it is wired to that."""
    graph = project.graph
    gone = [node.id for node in graph if node.id in ids]
    for name in gone:
        into, out = graph.incoming(name), graph.outgoing(name)
        graph = graph.remove(name)
        if len(into) == 1:
            for edge in out:
                graph = graph.connect(into[0].source, edge.target, edge.port)
    comments = tuple(c for c in project.comments if c.id not in ids)
    blocks = tuple(
        attrs.evolve(b, members=left) for b in project.blocks if (left := tuple(m for m in b.members if m not in gone))
    )
    removed = [*gone, *(c.id for c in project.comments if c.id in ids)]
    if not removed:
        raise ProjectError("Nothing is selected that could be deleted.")
    text = f"Delete {named(removed)}" if gone else "Delete a comment"
    healed = attrs.evolve(project, comments=comments, blocks=blocks, graph=graph)
    return Edit(text, healed, frozenset())


# --- wires -----------------------------------------------------------------------------------------------------------


def connect(project: Project, source: str, target: str, port: int = 0) -> Edit:
    """One more wire, or a sentence that says why it cannot be."""
    reason = refusal(project.graph, source, target, port)
    if reason:
        raise ProjectError(reason)
    return _edit(f"Connect {source} to {target}", project, project.graph.connect(source, target, port))


def disconnect(project: Project, edge: Edge) -> Edit:
    """Without this wire; the ports of a layer that joins close up behind it."""
    return _edit(f"Disconnect {edge.source} from {edge.target}", project, _closed(project.graph.disconnect(edge), edge))


def reroute(project: Project, edge: Edge, target: str, port: int = 0) -> Edit:
    """The same wire to another layer."""
    graph = _closed(project.graph.disconnect(edge), edge)
    reason = refusal(graph, edge.source, target, port)
    if reason:
        raise ProjectError(reason)
    return _edit(f"Lead {edge.source} to {target}", project, graph.connect(edge.source, target, port))


def _closed(graph: Graph, gone: Edge) -> Graph:
    if graph[gone.target].layer.ports != -1:
        return graph
    edges = tuple(
        attrs.evolve(e, port=e.port - 1) if e.target == gone.target and e.port > gone.port else e for e in graph.edges
    )
    return attrs.evolve(graph, edges=edges)


def apply_fix(project: Project, problem: Problem, fix: Fix) -> Edit:
    """The change that a problem offers."""
    graph, node = project.graph, problem.node
    if node not in graph:
        raise ProjectError("That layer is gone, and its problem with it.")
    edge = next((e for e in graph.incoming(node) if e.port == fix.port), None)
    if fix.action == "set_field":
        return attrs.evolve(set_field(project, {node}, fix.field, fix.value), text=fix.title)
    if edge is None:
        raise ProjectError("That wire is gone, and its problem with it.")
    if fix.action == "remove_edge":
        return attrs.evolve(disconnect(project, edge), text=fix.title)
    return attrs.evolve(insert(project, make(str(fix.value)), edge), text=fix.title)


# --- the rest of the project -----------------------------------------------------------------------------------------


def set_settings(project: Project, settings: TrainingSettings, text: str = "Change how to train") -> Edit:
    return Edit(text, attrs.evolve(project, settings=settings))


def set_data(project: Project, data: DataSource) -> Edit:
    return Edit(f"Use {data.name}", attrs.evolve(project, data=data))


def set_network(project: Project, graph: Graph, text: str) -> Edit:
    """Another network altogether."""
    return Edit(text, attrs.evolve(project, graph=graph, blocks=(), comments=()), frozenset())
