"""Where layers stand: top to bottom, branches side by side in straight columns, wires beside the cards.

The network is taken apart as people draw it: a chain, and where it splits, branches up to the node where all of them
meet again, each laid out in the same way.  A wire that jumps over a branch keeps the column of the chain for itself,
and the branch stands beside it.  What has no such form is laid out row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean

import attrs

from engine.graph import Graph

Place = tuple[float, float]
COLUMN_PX, ROW_PX = 224.0, 132.0  # from one card to the next
MOST_DEPTH = 40  # branches within branches; deeper ones are laid out row by row
START, END = "", "\udfff"  # before all inputs and after all outputs; no text of a file can be the same


def laid_out(graph: Graph) -> Graph:
    """The network with its cards in order, from the first one on."""
    places = layered(graph)
    x, y = places[next(iter(graph.order or graph.nodes)).id] if graph.nodes else (0.0, 0.0)
    moved = (attrs.evolve(n, position=(places[n.id][0] - x, places[n.id][1] - y)) for n in graph)
    return attrs.evolve(graph, nodes=tuple(moved))


def layered(graph: Graph) -> dict[str, Place]:
    """The top left corner of every node's card, so that wires run downwards and pass no card."""
    plan = _part(_Wires(graph), START, END, 0)
    left = min((plan.cells[node.id][0] for node in graph), default=0.0)
    return {
        node.id: ((plan.cells[node.id][0] - left) * COLUMN_PX, (plan.cells[node.id][1] - 1) * ROW_PX) for node in graph
    }


@attrs.frozen
class _Plan:
    """Cells (column, row) of a part, relative to its first row and the column of its chain, and its extent."""

    cells: Mapping[str, Place]
    rows: float
    left: float = 0.0
    right: float = 0.0


class _Wires:
    """Who feeds whom, each once, without wires that close loops, and where all ways from a node meet again."""

    def __init__(self, graph: Graph) -> None:
        ordered = [node.id for node in graph.order]
        known = set(ordered)
        ordered += [node.id for node in graph if node.id not in known]  # those on loops, in the order of the file
        self.rank = {name: rank for rank, name in enumerate((START, *ordered, END))}
        self.after: dict[str, list[str]] = {name: [] for name in self.rank}
        self.before: dict[str, list[str]] = {name: [] for name in self.rank}
        for name in ordered:
            for edge in graph.outgoing(name):
                if self.rank[edge.target] > self.rank[name] and edge.target not in self.after[name]:
                    self._wire(name, edge.target)
        for name in ordered:
            if not self.before[name]:
                self._wire(START, name)
            if not self.after[name]:
                self._wire(name, END)
        if not ordered:
            self._wire(START, END)
        self.meeting = self._meetings()

    def _wire(self, source: str, target: str) -> None:
        self.after[source].append(target)
        self.before[target].append(source)

    def _meetings(self) -> dict[str, str]:
        """For each node the first one that every way from it passes: its immediate post-dominator."""
        meeting = {END: END}
        for name in list(reversed(self.rank))[1:]:
            first, *others = self.after[name]
            for other in others:
                while first != other:
                    if self.rank[first] < self.rank[other]:
                        first = meeting[first]
                    else:
                        other = meeting[other]
            meeting[name] = first
        return meeting

    def between(self, first: str, stop: str) -> set[str]:
        """All nodes from this one on, before the one where they meet."""
        found: set[str] = set()
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name != stop and name not in found:
                found.add(name)
                waiting += self.after[name]
        return found


def _part(wires: _Wires, first: str, stop: str, depth: int) -> _Plan:
    """A chain from a node up to, and without, another one; branches in between stand below the node that splits."""
    cells: dict[str, Place] = {}
    row, left, right = 0.0, 0.0, 0.0
    name = first
    while name != stop:
        cells[name] = 0.0, row
        row += 1
        split, name = name, wires.meeting[name]
        if len(wires.after[split]) > 1:
            inner = _branches(wires, split, name, depth + 1)
            cells |= {key: (x, row + y) for key, (x, y) in inner.cells.items()}
            row, left, right = row + inner.rows, min(left, inner.left), max(right, inner.right)
    return _Plan(cells, row, left, right)


def _branches(wires: _Wires, split: str, stop: str, depth: int) -> _Plan:
    """What lies between a node that feeds several and the one where these ways meet."""
    firsts = [name for name in wires.after[split] if name != stop]
    jumped = stop in wires.after[split] and stop != END
    regions = [wires.between(name, stop) for name in firsts]
    everything = set().union(*regions)
    if depth > MOST_DEPTH or sum(map(len, regions)) > len(everything):
        plans = [_in_rows(wires, everything)]
    else:
        plans = [_part(wires, name, stop, depth) for name in firsts]
    rows = max(plan.rows for plan in plans)
    if stop != END:
        plans = [_stretched(plan, rows) for plan in plans]
    return _side_by_side(plans, rows, 1.0) if jumped else _centred(plans, rows)


def _stretched(plan: _Plan, rows: float) -> _Plan:
    """Ends in the last row: so a short branch's long wire is inside it, straight down its own column."""
    last = plan.rows - 1
    lowest = [name for name, (_, row) in plan.cells.items() if row == last]
    if plan.rows >= rows or last == 0 or len(lowest) != 1 or plan.cells[lowest[0]][0]:
        return plan
    return attrs.evolve(plan, cells={**plan.cells, lowest[0]: (0.0, rows - 1)}, rows=rows)


def _side_by_side(plans: Iterable[_Plan], rows: float, start: float) -> _Plan:
    """From a column on to the right, a column for each wire that runs straight down and each branch."""
    cells: dict[str, Place] = {}
    free = start
    for plan in plans:
        moved = _moved(plan, free - plan.left)
        cells |= moved.cells
        free = moved.right + 1
    return _Plan(cells, rows, min(0.0, start), free - 1)


def _centred(plans: list[_Plan], rows: float) -> _Plan:
    """The chains of the first and of the last branch are equally far from the middle."""
    plan = _side_by_side(plans, rows, 0.0)
    first, last = -plans[0].left, plan.right - plans[-1].right
    return _moved(plan, -(first + last) / 2)


def _moved(plan: _Plan, by: float) -> _Plan:
    cells = {name: (column + by, row) for name, (column, row) in plan.cells.items()}
    return _Plan(cells, plan.rows, plan.left + by, plan.right + by)


# --- row by row ------------------------------------------------------------------------------------------------------

_Item = tuple[str, str]  # a node (name, ""), or a wire that passes a row (source, target)


def _in_rows(wires: _Wires, names: set[str]) -> _Plan:
    """Each node a row below the lowest that feeds it, near their middle; long wires get a place in each row."""
    row_of: dict[str, int] = {}
    ordered = sorted(names, key=wires.rank.__getitem__)
    for name in ordered:
        row_of[name] = max((row_of[b] + 1 for b in wires.before[name] if b in names), default=0)
    rows: list[list[_Item]] = [[] for _ in range(max(row_of.values()) + 1)]
    for name in ordered:
        rows[row_of[name]].append((name, ""))
        for target in wires.after[name]:
            for passed in range(row_of[name] + 1, row_of.get(target, 0)):
                rows[passed].append((name, target))
    columns: dict[_Item, float] = {}
    for items in rows:
        _place_row(wires, items, columns)
    cells = {name: (columns[name, ""], float(row_of[name])) for name in names}
    return _Plan(cells, float(len(rows)), min(columns.values()), max(columns.values()))


def _place_row(wires: _Wires, items: list[_Item], columns: dict[_Item, float]) -> None:
    """In the order of what feeds them, a column each, and as a whole below the middle of it."""
    wanted = {item: _middle(wires, item, columns) for item in items}
    items.sort(key=wanted.__getitem__)
    by = round(2 * fmean(wanted.values()) - (len(items) - 1)) / 2
    columns.update({item: place + by for place, item in enumerate(items)})


def _middle(wires: _Wires, item: _Item, columns: Mapping[_Item, float]) -> float:
    name, target = item
    if target:
        return columns.get(item, columns[name, ""])
    found = [columns.get((b, name), columns.get((b, ""))) for b in wires.before[name]]
    return fmean([column for column in found if column is not None] or [0.0])
