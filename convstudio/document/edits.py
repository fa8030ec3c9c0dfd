"""Edits: functions from a project to the next one, each with the words that undo shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import attrs

from convstudio.document.aligning import align, distribute
from convstudio.document.arranging import NODE_HEIGHT, beside, move, placed
from convstudio.document.block_edits import group, rename_block, set_collapsed, set_repeat, ungroup
from convstudio.document.clipboard import copy_text, duplicate, paste
from convstudio.document.connections import refusal
from convstudio.document.edit import Edit, Place, edited, named, within, writable
from convstudio.document.ends import end_of
from convstudio.document.layout import NODE_WIDTH, along, lay_out, set_flow, step
from convstudio.document.nesting import around
from convstudio.document.notes import add_comment, resize_comment, set_comment_text
from convstudio.document.project import Block, Project, ProjectError, node_with
from convstudio.document.removing import CUT, closed, delete, disconnect
from convstudio.document.room import with_room
from convstudio.document.unfolding import COPY_MARK
from engine.data.source import DataSource
from engine.graph import Edge, Graph
from engine.naming import choice_words, plain
from engine.numerals import written
from engine.settings import TrainingSettings
from engine.shapes import Problem
from engine.spec import Declared, Fix, Layer, make

__all__ = [
    "CUT",
    "Edit",
    "add",
    "add_comment",
    "align",
    "append",
    "apply_fix",
    "beside",
    "connect",
    "copy_text",
    "delete",
    "describe",
    "disconnect",
    "distribute",
    "duplicate",
    "field_words",
    "group",
    "insert",
    "lay_out",
    "move",
    "named",
    "paste",
    "rename",
    "rename_block",
    "reroute",
    "resize_comment",
    "set_collapsed",
    "set_comment_text",
    "set_data",
    "set_field",
    "set_flow",
    "set_network",
    "set_repeat",
    "set_settings",
    "ungroup",
    "value_text",
]
LONGEST_NAME = 64


# --- adding ----------------------------------------------------------------------------------------------------------


def add(project: Project, layer: Layer, position: Place) -> Edit:
    """A layer of its own, wired to nothing."""
    name = project.graph.free_id(layer.kind)
    return edited(f"Add {name}", project, project.graph.add(layer, id=name, position=within(position)), name)


def append(project: Project, layer: Layer, after: str | None = None) -> Edit:
    """A layer after another one or a block: between it and what follows, or at the end of the network."""
    graph, block = project.graph, project.block(after or "")
    if block is not None:
        after = end_of(project, block)
    elif after is None or after not in graph:
        ends = [node for node in graph.order if not graph.outgoing(node.id)]
        after = ends[-1].id if ends else None
    name = graph.free_id(layer.kind)
    if after is None or not layer.ports:
        return add(project, layer, _free_place(project))
    following = graph.outgoing(after)
    if following and layer.ports == 1:
        graph = _with_room_at(project, [edge.target for edge in following], _next_place(project, after))
        for edge in following:
            graph = graph.disconnect(edge)
    graph = graph.add(layer, after, id=name, position=_clear(project, graph, _next_place(project, after)))
    if following and layer.ports == 1:
        for edge in following:
            graph = graph.connect(name, edge.target, edge.port)
    home = project.block(block.parent) if block else project.block_of(after)
    edit = edited(f"Add {name} after {block.title if block else after}", _joined(project, home, name), graph, name)
    if block is None or block.collapsed:
        return edit
    return attrs.evolve(edit, project=with_room(edit.project, block.id))


def insert(project: Project, layer: Layer, edge: Edge) -> Edit:
    """A layer in the middle of a wire."""
    graph, name = project.graph, project.graph.free_id(layer.kind)
    if not layer.ports:
        raise ProjectError(f"{layer.title} is where data enters, so it cannot stand in the middle of a wire.")
    branches = len(graph.outgoing(edge.source)) > 1 and len(graph.incoming(edge.target)) == 1
    at = graph[edge.target].position if branches else _next_place(project, edge.source)
    graph = _with_room_at(project, [edge.target], at)
    graph = graph.disconnect(edge).add(layer, edge.source, id=name, position=_clear(project, graph, at))
    graph = graph.connect(name, edge.target, edge.port)
    into = _joined(project, _shared_block(project, edge), name)
    return edited(f"Insert {name} between {edge.source} and {edge.target}", into, graph, name)


def _shared_block(project: Project, edge: Edge) -> Block | None:
    """The innermost block that both ends of a wire are in."""
    own = project.block_of(edge.source)
    holding = [own, *around(project.blocks, own)] if own else []
    return next((block for block in holding if edge.target in project.contents[block.id]), None)


def _joined(project: Project, block: Block | None, name: str) -> Project:
    """A layer that is added inside a block belongs to it."""
    if block is None:
        return project
    wider = attrs.evolve(block, members=(*block.members, name))
    return attrs.evolve(project, blocks=tuple(wider if b is block else b for b in project.blocks))


def _next_place(project: Project, name: str, steps: int = 1) -> Place:
    """So many cards further along the way that data flow."""
    (x, y), (dx, dy) = project.graph[name].position, step(project.flow)
    return x + steps * dx, y + steps * dy


def _free_place(project: Project) -> Place:
    if not project.graph.nodes:
        return 0.0, 0.0
    axis = along(project.flow)
    last = max(project.graph.nodes, key=lambda node: node.position[axis])
    return _next_place(project, last.id)


def _clear(project: Project, graph: Graph, at: Place) -> Place:
    """The place where one more card would stand, or one beside it where something else stands there."""
    return beside(attrs.evolve(project, graph=graph), (NODE_WIDTH, NODE_HEIGHT), at)


def _with_room_at(project: Project, firsts: Iterable[str], at: Place) -> Graph:
    """Moves these nodes and all that follow them on, far enough for one more card at a place."""
    graph, axis = project.graph, along(project.flow)
    wanted = at[axis] + step(project.flow)[axis]
    reached: set[str] = set()
    waiting = list(firsts)
    push = max((wanted - graph[first].position[axis] for first in waiting), default=0.0)
    if push <= 0:
        return graph
    while waiting:
        pushed = waiting.pop()
        if pushed not in reached:
            reached.add(pushed)
            waiting += [edge.target for edge in graph.outgoing(pushed)]
    by = (push, 0.0) if axis == 0 else (0.0, push)
    return placed(graph, {n: (graph[n].position[0] + by[0], graph[n].position[1] + by[1]) for n in reached})


# --- changing --------------------------------------------------------------------------------------------------------


def set_field(project: Project, ids: Collection[str], field: str, value: Any) -> Edit:
    """Another value for a field of one or several layers; one that does not fit is a FieldError.

    Where a number of several axes is None each layer keeps its own there.
    """
    graph, changed = project.graph, []
    for node in project.graph:
        if node.id in ids and field in node.layer.fields():
            graph = graph.replace(node_with(node, **{field: _completed(value, node.layer.settings()[field])}))
            changed.append(node.id)
    if not changed:
        raise ProjectError(f"None of the selected layers has a {plain(field)}.")
    layer = graph[changed[0]].layer
    made = {graph[name].layer.settings()[field] for name in changed}
    told = value_text(made.pop() if len(made) == 1 else value)
    return edited(f"Set {field_words(layer, field)} of {named(changed)} to {told}", project, graph)


def _completed(value: Any, own: Any) -> Any:
    """With a layer's own numbers where none is given; one that has a word instead takes the first that is."""
    if not isinstance(value, tuple) or None not in value:
        return value
    first = next(number for number in value if number is not None)
    kept = own if isinstance(own, tuple) else (first,) * len(value)
    return tuple(old if number is None else number for number, old in zip(value, kept, strict=True))


def field_words(of: Declared, field: str) -> str:
    """kernel_size as people say it within a sentence."""
    known = of.fields().get(field)
    return known.spoken if known else plain(field)


def value_text(value: Any) -> str:
    """A setting in a few characters: 3×3, on, 0.5, 1e-8, He normal."""
    if isinstance(value, tuple):
        return "×".join("…" if number is None else str(number) for number in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return choice_words(value)
    return written(value) if isinstance(value, float) else str(value)


def rename(project: Project, old: str, new: str) -> Edit:
    """Another name for a layer; its weights keep to it."""
    name = writable(new).strip()
    _check_name(project, old, name)
    graph = project.graph

    def changed(node_id: str) -> str:
        return name if node_id == old else node_id

    nodes = tuple(attrs.evolve(n, id=changed(n.id)) for n in graph.nodes)
    edges = tuple(Edge(changed(e.source), changed(e.target), e.port) for e in graph.edges)
    blocks = tuple(attrs.evolve(b, members=tuple(map(changed, b.members))) for b in project.blocks)
    edit = edited(
        f"Rename {old} to {name}",
        attrs.evolve(project, blocks=blocks),
        attrs.evolve(graph, nodes=nodes, edges=edges),
        name,
    )
    return attrs.evolve(edit, renamed=(old, name))


def _check_name(project: Project, old: str, name: str) -> None:
    if old not in project.graph:
        raise ProjectError("That layer is gone.")
    if not name:
        raise ProjectError("A layer needs a name; give it at least one letter.")
    if len(name) > LONGEST_NAME:
        raise ProjectError(f"A layer's name has at most {LONGEST_NAME} letters; {len(name)} were given.")
    if COPY_MARK in name or not name.isprintable():
        raise ProjectError(f"A layer's name holds letters, digits and signs, but no {COPY_MARK}; choose another name.")
    if name != old and name in project.names():
        raise ProjectError(f"There is already something named {name}; choose another name.")


def describe(project: Project, *, name: str | None = None, description: str | None = None) -> Edit:
    """Another name or description of the network."""
    graph = project.graph
    if name is not None:
        return edited(f"Name the network {name}", project, attrs.evolve(graph, name=writable(name)))
    return edited("Describe the network", project, attrs.evolve(graph, description=writable(description or "")))


# --- wires -----------------------------------------------------------------------------------------------------------


def connect(project: Project, source: str, target: str, port: int = 0) -> Edit:
    """One more wire, or a sentence that says why it cannot be."""
    reason = refusal(project.graph, source, target, port)
    if reason:
        raise ProjectError(reason)
    return edited(f"Connect {source} to {target}", project, project.graph.connect(source, target, port))


def reroute(project: Project, edge: Edge, target: str, port: int = 0) -> Edit:
    """The same wire to another layer."""
    graph = closed(project.graph.disconnect(edge), edge)
    reason = refusal(graph, edge.source, target, port)
    if reason:
        raise ProjectError(reason)
    return edited(f"Lead {edge.source} to {target}", project, graph.connect(edge.source, target, port))


def apply_fix(project: Project, problem: Problem, fix: Fix) -> Edit:
    """The change that a problem offers."""
    if fix.action in _ANYWHERE:
        return attrs.evolve(_ANYWHERE[fix.action](project, fix), text=fix.title)
    graph, node = project.graph, problem.node
    if node not in graph:
        raise ProjectError("That layer is gone, and its problem with it.")
    if fix.action == "set_field":
        return attrs.evolve(set_field(project, {node}, fix.field, fix.value), text=fix.title)
    if fix.action == "replace":
        return attrs.evolve(_replace(project, [node], str(fix.value)), text=fix.title)
    after = fix.action == "insert_after"
    edge = next((e for e in (graph.outgoing if after else graph.incoming)(node) if after or e.port == fix.port), None)
    if edge is None:
        raise ProjectError("That wire is gone, and its problem with it.")
    if fix.action == "remove_edge":
        return attrs.evolve(disconnect(project, edge), text=fix.title)
    return attrs.evolve(insert(project, make(str(fix.value)), edge), text=fix.title)


def _replace(project: Project, names: Collection[str], kind: str) -> Edit:
    """Layers of another kind at the same places; names that came from the old kind follow."""
    layer, replaced = make(kind), project
    for name in names:
        graph = replaced.graph
        old = graph[name]
        automatic = name.rstrip("0123456789") == graph.free_id(old.layer.kind).rstrip("0123456789")
        replaced = attrs.evolve(replaced, graph=graph.replace(attrs.evolve(old, layer=layer)))
        if automatic:
            replaced = rename(replaced, name, replaced.graph.free_id(kind)).project
    return Edit(f"Replace {named(names)} by {layer.title}", replaced)


def _inner(project: Project, kind: str) -> list[str]:
    """The layers of a kind that others read; the last one decides what the answers mean."""
    return [node.id for node in project.graph if node.layer.kind == kind and project.graph.outgoing(node.id)]


def _add_input(project: Project) -> Edit:
    """Where data enter, one step before the first layer that waits for them, and wired to it."""
    graph, layer = project.graph, make("input")
    name = graph.free_id(layer.kind)
    waiting = [node.id for node in graph.order if node.layer.ports and not graph.incoming(node.id)]
    if not waiting:
        return add(project, layer, _free_place(project))
    place = _clear(project, graph, _next_place(project, waiting[0], -1))
    graph = graph.add(layer, id=name, position=place).connect(name, waiting[0])
    return edited(f"Add {name}", project, graph, name)


def _named_by(project: Project, fix: Fix) -> list[str]:
    """The layers of the drawing that a fix is about; copies in repeated blocks are the layers that they are made of."""
    names = dict.fromkeys(name.partition(COPY_MARK)[0] for name in fix.value)
    if any(name not in project.graph for name in names):
        raise ProjectError("One of these layers is gone, and the problem with it.")
    return list(names)


def _join(project: Project, names: list[str], kind: str) -> Edit:
    """One more layer that takes what these make, one step behind the last of them and midway between all."""
    graph, layer, axis = project.graph, make(kind), along(project.flow)
    name = graph.free_id(layer.kind)
    last = max(names, key=lambda end: graph[end].position[axis])
    across = sum(graph[end].position[1 - axis] for end in names) / len(names)
    x, y = _next_place(project, last)
    place = _clear(project, graph, (x, across) if axis == 0 else (across, y))
    return edited(f"Add {name}", project, graph.add(layer, *names, id=name, position=place), name)


_ANYWHERE: Mapping[str, Callable[[Project, Fix], Edit]] = {  # what a fix changes in the project as a whole
    "set_setting": lambda project, fix: set_settings(
        project, attrs.evolve(project.settings, **{fix.field: fix.value}), fix.title
    ),
    "set_all": lambda project, fix: set_field(project, {node.id for node in project.graph}, fix.field, fix.value),
    "add_input": lambda project, fix: _add_input(project),
    "remove": lambda project, fix: delete(project, _named_by(project, fix)),
    "join": lambda project, fix: _join(project, _named_by(project, fix), fix.field),
    "replace_all": lambda project, fix: _replace(project, _inner(project, fix.field), str(fix.value)),
}


# --- the rest of the project -----------------------------------------------------------------------------------------


def set_settings(project: Project, settings: TrainingSettings, text: str = "Change how to train") -> Edit:
    return Edit(text, attrs.evolve(project, settings=settings))


def set_data(project: Project, data: DataSource) -> Edit:
    return Edit(f"Use {data.name}", attrs.evolve(project, data=data))


def set_network(project: Project, graph: Graph, text: str) -> Edit:
    """Another network altogether."""
    return Edit(text, attrs.evolve(project, graph=graph, blocks=(), comments=()), frozenset())
