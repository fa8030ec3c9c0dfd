"""The scene: one item for each card, wire and note, kept like the document by what has changed in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSignalBlocker, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsScene

from convstudio.canvas.album import Album
from convstudio.canvas.block import BlockItem
from convstudio.canvas.card import HEIGHT, TEXT_LEFT, WIDTH, Card, is_near
from convstudio.canvas.ground import Ground
from convstudio.canvas.note import Note
from convstudio.canvas.routing import Face, Span, faces_of, lanes, span_of
from convstudio.canvas.wire import Wire
from convstudio.document.connections import ports_of
from convstudio.document.costs import block_costs, carried
from convstudio.document.document import Document
from convstudio.document.ends import end_of, entry_of
from convstudio.document.nesting import around, inner_first
from convstudio.document.project import Block, Project
from convstudio.document.unfolding import COPY_MARK
from convstudio.look.theme import appearance, duration_ms, theme
from convstudio.wording import sizes
from engine.graph import Edge

GUIDE_PX = 8.0
MARGIN_PX = 20_000  # around the network: where all of the ground is seen, views put it in their middle, and it jumps
NAME_PX, NAME_HIGH_PX = 96.0, 26.0  # of a card: where a double click means its name
FRESH = 0.35  # how strongly a new shape is shown at first
FADE_MS, FADES = 40, 6  # between two steps of its fading, and how many layouts long that takes


class CanvasScene(QGraphicsScene):
    """Shows the document; it never edits."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.album, self._ground = Album(self), Ground()
        self._history, self._edited = document.history, False  # whether it still is the project that it was
        self.arrangement = 0  # counts how often something took another place
        self._content: QRectF | None = None
        self._lifted: frozenset[str] = frozenset()  # what a hand holds
        self._touching: dict[str, list[Edge]] = {}  # the wires of each card
        self.cards: dict[str, Card] = {}
        self.wires: dict[Edge, Wire] = {}
        self.notes: dict[str, Note] = {}
        self.blocks: dict[str, BlockItem] = {}
        self.guides: list[tuple[QPointF, QPointF]] = []  # lines that a dragged card has snapped to
        self._fresh: dict[str, float] = {}  # how strongly cards show that their shape has changed
        self._fading = QTimer(self)
        self._fading.setInterval(FADE_MS)
        self._fading.timeout.connect(self._fade)
        document.project_changed.connect(self._sync)
        document.inference_changed.connect(self._show_shapes)
        document.selection_changed.connect(self._follow_selection)
        appearance().changed.connect(self._restyle)
        self._sync(Project(), document.project)
        self._show_shapes()

    # --- following the document --------------------------------------------------------------------------------------

    def _sync(self, before: Project, after: Project) -> None:
        self._edited, self._history = self._history == self.document.history, self.document.history
        same_wires = before.graph.edges is after.graph.edges
        if not same_wires:
            for edge in self.wires.keys() - set(after.graph.edges):
                self.removeItem(self.wires.pop(edge))
        same_cards = self.cards.keys() == {node.id for node in after.graph}
        moved = (
            same_cards
            and not self._lifted
            and any(c.node.position != after.graph[name].position for name, c in self.cards.items())
        )
        changed = self._sync_cards(after, same_wires)
        if not same_wires:
            self._sync_wires(after)
        self._sync_notes(after)
        if same_cards and same_wires and before.blocks is after.blocks and before.flow == after.flow:
            self.settle(None if moved else changed)  # cards may be in the way of others' wires now
        else:
            self._sync_blocks(after)
            self.show_blocks()
            self.settle()
        self._show_selection()
        self._grow()

    def _sync_cards(self, project: Project, same_wires: bool) -> set[str]:
        """Those that are new, or not what they were."""
        graph, changed = project.graph, set()
        for name in self.cards.keys() - {node.id for node in graph}:
            self.removeItem(self.cards.pop(name))
        for node in graph:
            card = self.cards.get(node.id)
            if card is not None and card.node is node and same_wires and card.flow == project.flow:
                continue
            ports = len(ports_of(graph, node.id))
            if card is None:
                card = self.cards[node.id] = Card(node, ports, project.flow, self.album)
                self.addItem(card)
            elif card.node is node and card.ports == ports and card.flow == project.flow:
                continue
            card.node, card.ports, card.flow = node, ports, project.flow
            card.setPos(*node.position)
            card.update()
            changed.add(node.id)
        return changed

    def _sync_wires(self, project: Project) -> None:
        self._touching = {name: [] for name in self.cards}
        for edge in project.graph.edges:
            if edge not in self.wires:
                self.wires[edge] = Wire(edge)
                self.addItem(self.wires[edge])
            self._touching[edge.source].append(edge)
            self._touching[edge.target].append(edge)

    def _sync_notes(self, project: Project) -> None:
        for name in self.notes.keys() - {comment.id for comment in project.comments}:
            self.removeItem(self.notes.pop(name))
        for comment in project.comments:
            note = self.notes.get(comment.id)
            if note is None:
                note = self.notes[comment.id] = Note(comment)
                self.addItem(note)
            if note.comment != comment:
                note.prepareGeometryChange()
                note.comment = comment
                note.setPos(*comment.position)

    def _sync_blocks(self, project: Project) -> None:
        for name in self.blocks.keys() - {block.id for block in project.blocks}:
            self.removeItem(self.blocks.pop(name))
        folded = {member for block in project.blocks if block.collapsed for member in project.contents[block.id]}
        for name, card in self.cards.items():
            card.setVisible(name not in folded)
        for block in project.blocks:
            if block.id not in self.blocks:
                self.blocks[block.id] = BlockItem(block)
                self.addItem(self.blocks[block.id])
            hidden = any(outer.collapsed for outer in around(project.blocks, block))
            self.blocks[block.id].setVisible(not hidden)

    def settle(self, moved: Set[str] | None = None, *, at_rest: bool = True) -> None:
        """Brings frames and wires to where the cards are: all of them, or those that have to do with some cards.

        Cards that are only passing by are in nobody's way.
        """
        project = self.document.project
        self.arrangement += 1
        self._content = None
        for block in inner_first(project.blocks):
            if moved is None or not moved.isdisjoint(project.contents[block.id]):
                self._frame(project, block)
        touched = self.wires if moved is None else {edge for name in moved for edge in self._touching.get(name, ())}
        folded: dict[str, BlockItem] = {}
        for block in project.blocks:
            if block.collapsed and self.blocks[block.id].isVisible():
                folded |= dict.fromkeys(project.contents[block.id], self.blocks[block.id])
        ends = {edge: self._ends(edge, folded) for edge in touched}
        seen = {edge: span_of(*places, project.flow) for edge, places in ends.items() if self.wires[edge].isVisible()}
        found = lanes(seen, self._faces(project.flow), self._other_lanes(touched)) if at_rest else {}
        for edge, places in ends.items():
            self.wires[edge].lead(*places, project.flow, found.get(edge))

    def lift(self, names: Iterable[str]) -> None:
        """What a hand holds from now on; other wires go around it, or straight on again, once it is put down."""
        before, self._lifted = self._lifted, frozenset(names)
        for name in before | self._lifted:
            card = self.cards.get(name)
            if card:
                card.lifted = name in self._lifted
                card.setZValue(1 if card.lifted else 0)
                card.update()
        if before and not self._lifted:
            self.settle()

    def _frame(self, project: Project, block: Block) -> None:
        """Brings a block to where its layers are."""
        item, places = self.blocks[block.id], [self.cards[m].pos() for m in project.contents[block.id]]
        corner = QPointF(min(p.x() for p in places), min(p.y() for p in places))
        faces = [self.cards[member].face() for member in block.members]
        faces += [self.blocks[inner.id].face() for inner in project.blocks if inner.parent == block.id]
        item.layers = len(places)
        depth = sum(1 for _ in around(project.blocks, block))
        item.follow(block, corner, faces, depth, project.flow)

    def _ends(self, edge: Edge, folded: Mapping[str, BlockItem]) -> tuple[QPointF, QPointF]:
        """Where a wire leads from and to: its cards, or the folded blocks that stand for these."""
        wire, above, below = self.wires[edge], folded.get(edge.source), folded.get(edge.target)
        wire.setVisible(above is None or above is not below)
        wire.arrow = len(self.document.graph.incoming(edge.target)) > 1 and below is None
        target = self.cards[edge.target]
        port = min(edge.port, max(0, target.ports - 1))
        start = above.output_place() if above else self.cards[edge.source].output_place()
        return start, below.input_place() if below else target.input_place(port)

    def _faces(self, flow: str) -> list[Face]:
        """What wires go around."""
        cards = (card.face() for card in self.cards.values() if card.isVisible())
        return faces_of([*cards, *(block.face() for block in self.folded())], flow)

    def _other_lanes(self, touched: Collection[Edge]) -> dict[Edge, tuple[Span, float]]:
        """Lanes of wires that stay as they are."""
        others = ((edge, wire) for edge, wire in self.wires.items() if edge not in touched)
        return {edge: (span, w.lane) for edge, w in others if w.lane is not None and (span := w.span) is not None}

    def _show_shapes(self) -> None:
        inference = self.document.inference
        problems: dict[str, list[str]] = {}
        for problem in inference.problems:
            problems.setdefault(problem.node.partition(COPY_MARK)[0], []).append(problem.text)
        for name, card in self.cards.items():
            shape, found = inference.nodes.get(name), tuple(problems.get(name, ()))
            before = card.shape_made
            if self._edited and before and shape and before.output != shape.output:
                self._fresh[name] = FRESH
            if (card.shape_made is not shape and card.shape_made != shape) or card.problems != found:
                card.shape_made, card.problems = shape, found
                card.explain()
                card.update()
        if self._fresh and not self._fading.isActive():
            self._fading.start()
        self.show_blocks()
        for edge, wire in self.wires.items():
            led = carried(self.document.project, inference, edge)
            wire.text = sizes(led) if led else ""

    def _fade(self) -> None:
        """Cards whose shape has changed show it, less and less."""
        for name in list(self._fresh):
            left = self._fresh[name] - FRESH * FADE_MS / (FADES * duration_ms("layout"))
            card = self.cards.get(name)
            if card:
                card.fresh = max(0.0, left)
                card.update()
            if left > 0 and card:
                self._fresh[name] = left
            else:
                del self._fresh[name]
        if not self._fresh:
            self._fading.stop()

    def show_blocks(self) -> None:
        """What is known of all layers in each of them."""
        for item in self.blocks.values():
            self._show_block(item)

    def _show_block(self, item: BlockItem) -> None:
        """What comes out of the block, and what all of its copies cost."""
        project = self.document.project
        members, costs = project.contents[item.block.id], block_costs(project, self.document.inference, item.block)
        item.made, item.parameters = costs.output, costs.parameters
        item.problems = tuple(text for member in members for text in self.cards[member].problems)
        item.findings = tuple(text for member in members for text in self.cards[member].findings)
        item.explain()
        item.update()

    def _follow_selection(self) -> None:
        """Who selects something does not mean the wires that were."""
        for wire in self.wires.values() if self.document.selection else ():
            wire.setSelected(False)
        self._show_selection()

    def _show_selection(self) -> None:
        for name, item in self.items_named().items():
            wanted = name in self.document.selection
            if item.isSelected() != wanted:
                item.setSelected(wanted)
                item.update()
        for name, block in self.blocks.items():
            holding = not self.document.selection.isdisjoint(self.document.project.contents[name])
            if block.holding != holding:
                block.holding = holding
                block.update()

    @contextmanager
    def nothing_selected(self) -> Iterator[None]:
        """For a picture: what is selected is not drawn so, and nobody is told of a change that is none."""
        chosen, holding = self.selectedItems(), [block for block in self.blocks.values() if block.holding]
        with QSignalBlocker(self):
            for item in chosen:
                item.setSelected(False)
            for block in holding:
                block.holding = False
            try:
                yield
            finally:
                for item in chosen:
                    item.setSelected(True)
                for block in holding:
                    block.holding = True

    def show_guides(self, lines: list[tuple[QPointF, QPointF]]) -> None:
        """Shows these lines and no others; only where they are and were is drawn anew."""
        changed = [*self.guides, *lines] if lines != self.guides else []
        self.guides = lines
        for start, end in changed:
            self.update(QRectF(start, end).normalized().adjusted(-GUIDE_PX, -GUIDE_PX, GUIDE_PX, GUIDE_PX))

    def _grow(self) -> None:
        """Room to move around in, which never shrinks under the hand."""
        content, least = self.content(), MARGIN_PX // 2
        if not self.sceneRect().contains(content.adjusted(-least, -least, least, least)):
            wanted = content.adjusted(-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX)
            self.setSceneRect(self.sceneRect().united(wanted))

    # --- asking ------------------------------------------------------------------------------------------------------

    def content(self) -> QRectF:
        """What is drawn."""
        if self._content is None:
            corners = [card.pos() for card in self.cards.values() if card.isVisible()]
            found = QRectF()
            if corners:
                across, down = [p.x() for p in corners], [p.y() for p in corners]
                found.setCoords(min(across), min(down), max(across) + WIDTH, max(down) + HEIGHT)
            others: list[Note | BlockItem] = [*self.notes.values(), *self.blocks.values()]
            for item in others:
                if item.isVisible():
                    found = found.united(item.face())
            self._content = found
        return QRectF(self._content)

    def named_at(self, place: QPointF) -> str | None:
        """The card or note under a place."""
        for item in self.items(place):
            if isinstance(item, Card) and item.face().contains(place):
                return item.node.id
            if isinstance(item, Note):
                return item.comment.id
            if isinstance(item, BlockItem) and item.handle().contains(place):
                return item.block.id
        return None

    def is_name_at(self, name: str, place: QPointF) -> bool:
        """Whether a card's or an open block's name is under a place."""
        card, block = self.cards.get(name), self.blocks.get(name)
        if card is not None:
            return QRectF(card.face().left() + TEXT_LEFT, card.face().top(), NAME_PX, NAME_HIGH_PX).contains(place)
        return block is not None and block.title_place().contains(place)

    def fold_at(self, place: QPointF) -> str | None:
        """The block whose sign for folding is under a place, where that of its problems does not lie over it."""
        shown = ((name, item) for name, item in self.blocks.items() if item.isVisible())
        found = next((name for name, item in shown if item.fold_place().contains(place)), None)
        return found if found is None or self.badge_at(place) != found else None

    def corner_at(self, place: QPointF) -> str | None:
        """The selected comment whose corner is under a place."""
        chosen = ((name, note) for name, note in self.notes.items() if note.isSelected())
        return next((name for name, note in chosen if note.corner().contains(place)), None)

    def shown_as(self, node: str) -> str:
        """The layer itself, or the folded block that stands for it."""
        closed = [block.block.id for block in self.folded()]
        return next((name for name in closed if node in self.document.project.contents[name]), node)

    def badge_at(self, place: QPointF) -> str | None:
        """The card, or the folded block, whose sign for problems is under a place."""
        folded = {name: block for name, block in self.blocks.items() if block.block.collapsed}
        signs: dict[str, Card | BlockItem] = {**self.cards, **folded}
        shown = ((n, card) for n, card in signs.items() if (card.problems or card.findings) and card.isVisible())
        return next((name for name, card in shown if card.badge().contains(place)), None)

    def wire_at(self, place: QPointF) -> Wire | None:
        """The wire under a place."""
        return next((item for item in self.items(place) if isinstance(item, Wire)), None)

    def output_at(self, place: QPointF, reach: float) -> str | None:
        """The layer whose output is near a place, or that of the folded block which it is the end of."""
        shown = ((name, card) for name, card in self.cards.items() if card.isVisible())
        found = next((name for name, card in shown if card.is_output_at(place, reach)), None)
        ends = (
            end_of(self.document.project, b.block) for b in self.folded() if is_near(b.output_place(), place, reach)
        )
        return found or next(ends, None)

    def input_at(self, place: QPointF, reach: float) -> tuple[str, int] | None:
        """The input that is near a place, or the one by which data come into a folded block there."""
        for name, card in self.cards.items():
            port = card.port_at(place, reach) if card.isVisible() else None
            if port is not None:
                return name, port
        return next((self.entry(b) for b in self.folded() if is_near(b.input_place(), place, reach)), None)

    def entry(self, block: BlockItem) -> tuple[str, int] | None:
        """The layer and its input that the input of a folded block stands for."""
        return entry_of(self.document.project, block.block)

    def inputs_seen(self) -> set[tuple[str, int]]:
        """Every input to which one can lead a wire."""
        found = {(name, port) for name, card in self.cards.items() if card.isVisible() for port in range(card.ports)}
        return found | {entry for block in self.folded() if (entry := self.entry(block))}

    def start_of(self, node: str) -> QPointF:
        """Where wires from a layer begin: at its card, or at the folded block that it is in."""
        return (self.blocks.get(self.shown_as(node)) or self.cards[node]).output_place()

    def end_of(self, node: str, port: int) -> QPointF:
        """Where wires to an input end."""
        block = self.blocks.get(self.shown_as(node))
        return block.input_place() if block else self.cards[node].input_place(port)

    def folded(self) -> list[BlockItem]:
        """The blocks that are seen as cards."""
        return [block for block in self.blocks.values() if block.block.collapsed and block.isVisible()]

    def items_named(self) -> dict[str, Card | Note | BlockItem]:
        """Everything that can be selected and moved."""
        return {**self.cards, **self.notes, **self.blocks}

    def _restyle(self) -> None:
        """In the colours of another theme; cards keep a picture of themselves, which the scene does not know of."""
        for item in self.items():
            item.update()
        self.update()

    # --- the ground --------------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802  (Qt's name)
        self._ground.paint(painter, rect)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802  (Qt's name)
        if not self.guides:
            return
        color = QColor(theme().color("accent"))
        pen = QPen(color, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        for start, end in self.guides:
            painter.drawLine(start, end)
