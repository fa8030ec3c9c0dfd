"""All kernels of a layer, live while training; one of them closer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.look.colormaps import SIGNED
from convstudio.look.mosaic_view import GAP_PX, Filled, MosaicView
from convstudio.look.scale_bar import ScaleBar, short
from convstudio.look.theme import appearance, space
from convstudio.panels.filters.arranging import ALL, COLOUR, ONE, Tiles, Wish, arranged, facts, limits
from convstudio.panels.filters.detail import Detail
from convstudio.panels.seeing import (
    Words,
    asked_maps,
    choice,
    counting,
    explain_pixel,
    layer_choice,
    scale_choice,
    stack,
)
from convstudio.training.keeping_up import KeepsUp
from convstudio.training.session import Session
from engine.kernel_places import weight_at
from engine.planes import middle_plane
from engine.questions.seeing import (
    Excited,
    ExcitingSamples,
    Kernels,
    KernelSeen,
    KernelsSeen,
    Maps,
    MapsSeen,
    OneKernel,
)
from engine.spec import Shape

SIDES_PX, ROW_SIDES_PX = (28, 224), (3, 16)  # the smallest and largest kernel, and square of a matrix
WIDE_GAP_PX, ASIDE_PX = 4, 16  # between tiles, and between kernels whose inputs stand in a row
MOST_INPUTS = 1 << 16
NARROWEST_PX, LOWEST_PX = 240, 120  # of what is shown about a kernel
DETAIL_SHARE, WIDTH_SHARE = 0.4, 0.25  # of the panel: the sides of the large pictures
HEADS_PX = 150  # of everything above and below them
WAITING = "Preparing the network …"
NONE_LEARNS = "No layer of this network has weights. Add a convolution to have filters."


class FiltersPanel(QWidget):
    """Kernels as pictures."""

    explanation = (
        "Every kernel of a layer as a picture: blue weights are positive, orange ones negative, and the colour in the "
        "middle of the scale is zero. Kernels of colour images are drawn in colour; deeper ones show one input "
        "channel at a time, or all of them side by side. A dense layer is a matrix with a row for each output. Train, "
        "and watch edges and blobs come out of the noise. Click a kernel for its numbers, for what it makes of the "
        "sample that you look at, and for the samples that excite it most; click one of its numbers to see what the "
        "next step makes of it. Try the order by norm: the kernels at its end have the smallest weights, and say the "
        "least."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._node, self._chosen = "", -1
        self._seen: KernelsSeen | None = None
        self._tiles: Tiles | None = None
        self._make_tools()
        self._make_body()
        self._lay_out()
        self._asks = KeepsUp(session, self, self._kernels)
        self._asks_one = KeepsUp(session, self.detail, self._one_kernel)
        self._asks_map = KeepsUp(session, self.detail, self._map)
        self._asks_samples = KeepsUp(session, self.detail, self._exciting, live=False)
        self._asks.came.connect(self._take)
        self._asks_one.came.connect(self._take_kernel)
        self._asks_map.came.connect(self._take_map)
        self._asks_samples.came.connect(self.detail.show_samples)
        self._asks.refused.connect(self._refuse)
        self._asks.late.connect(self._wait)
        session.shown.connect(self._asks_map.follow)
        document.selection_changed.connect(self._follow_selection)
        document.inference_changed.connect(self._list_layers)
        appearance().changed.connect(self._repaint)
        self._list_layers()
        self._follow_selection()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_tools(self) -> None:
        self.layer = layer_choice()
        self.layer.activated.connect(lambda place: self._go_to(self.layer.itemText(place)))
        self.what = choice("Input channels that are shown")
        self.what.activated.connect(self._wish)
        self.input = counting("input", "Input channel", 0)
        self.input.valueChanged.connect(self._wish)
        self.order = choice("Order", (("By index", False), ("By norm", True)))
        self.order.activated.connect(self._show)
        self.scale = scale_choice()
        self.scale.activated.connect(self._show)

    def _make_body(self) -> None:
        self.grid = MosaicView(SIDES_PX[0])
        self.grid.setAccessibleName("Filters")
        self.grid.clicked.connect(self._pick)
        self.grid.pointed.connect(self._point)
        self.bar = ScaleBar()
        self.detail = Detail()
        self.detail.closed.connect(lambda: self._choose(-1))
        self.detail.pixel_picked.connect(self._explain)
        self.detail.weight_picked.connect(self._explain_weight)
        self.detail.sample_picked.connect(self._look_at)
        self._words = Words()
        self.says, self.facts, self.under_mouse = self._words.says, self._words.facts, self._words.under_mouse

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(space(2))
        for widget in (self.layer, self.what, self.input, self.order, self.scale):
            tools.addWidget(widget)
        tools.addStretch(1)
        page = QWidget()
        page.setProperty("role", "panel")
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.grid)
        inner.addWidget(self.says, 1)
        inner.addStretch(0)
        self._area = Filled(self.grid, page)
        grid = QHBoxLayout()
        grid.setSpacing(space(2))
        grid.addWidget(self._area, 1)
        grid.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignTop)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(space(3))
        self._body.addLayout(grid, 1)
        self._detail_area = QScrollArea()  # so that the window may be narrow
        self._detail_area.setWidgetResizable(True)
        self._detail_area.setWidget(self.detail)
        self._detail_area.setMinimumSize(NARROWEST_PX, LOWEST_PX)
        self._body.addWidget(self._detail_area, 1)
        self._detail_area.hide()
        stack(self, tools, self._body, self._words)

    # --- which layer -------------------------------------------------------------------------------------------------

    @property
    def _learning(self) -> list[str]:
        """The layers with weights, in the network's order."""
        found = self._document.inference.nodes
        order = self._document.project.unfolded.order
        return [node.id for node in order if node.id in found and "weight" in found[node.id].parameters]

    def _list_layers(self) -> None:
        known = self._learning
        if [self.layer.itemText(place) for place in range(self.layer.count())] != known:
            self.layer.clear()
            self.layer.addItems(known)
        for widget in (self.layer, self.order, self.scale):
            widget.setEnabled(bool(known))
        self._see(self._node if self._node in known else next(iter(known), ""))

    def _follow_selection(self) -> None:
        chosen = [name for name in self._learning if name in self._document.selection]
        if chosen and self._node not in chosen:
            self._see(chosen[0])

    def _go_to(self, node: str) -> None:
        self._see(node)
        if node in self._document.graph:
            self._document.select([node])

    def _see(self, node: str) -> None:
        self.layer.setCurrentText(node)
        if node == self._node and node:
            return
        self._node, self._seen, self._tiles = node, None, None
        self._choose(-1)
        self._offer(0)
        self._say("" if node else NONE_LEARNS)
        self._asks.renew()

    def _offer(self, inputs: int, *, in_colour: bool = False) -> None:
        """The ways in which input channels can be shown."""
        offered = [("In colour", COLOUR)] * in_colour + [("One input", ONE), ("All inputs", ALL)]
        if inputs > 1 and [self.what.itemData(place) for place in range(self.what.count())] != [w for _, w in offered]:
            self.what.clear()
            for words, what in offered:
                self.what.addItem(words, what)
        self.what.setVisible(inputs > 1)
        self.input.setMaximum(max(0, inputs - 1))
        self.input.setSuffix(f" of {inputs}")
        self.input.setVisible(inputs > 1 and self._what == ONE)

    # --- questions ---------------------------------------------------------------------------------------------------

    @property
    def _what(self) -> str:
        return str(self.what.currentData()) if self.what.count() and self.what.isVisibleTo(self) else ONE

    @property
    def _wished(self) -> Wish:
        first = self.input.value() if self._what == ONE else 0
        return Wish(self._what, first, bool(self.order.currentData()), bool(self.scale.currentData()))

    def _kernels(self, number: int) -> Kernels | None:
        if not self._node:
            return None
        if self._seen is None:  # it is not known yet how deep they are
            return Kernels(number, self._node, 0, 3)
        count = {ONE: 1, ALL: MOST_INPUTS, COLOUR: 3}[self._what]
        return Kernels(number, self._node, self._wished.first, count)

    def _one_kernel(self, number: int) -> OneKernel | None:
        return OneKernel(number, self._node, self._chosen) if self._chosen >= 0 else None

    def _map(self, number: int) -> Maps | None:
        if self._chosen < 0:
            return None
        plane = middle_plane(self._shape, self._chosen)
        return asked_maps(self._session, number, closer=self._node, channel=plane)

    def _exciting(self, number: int) -> ExcitingSamples | None:
        return ExcitingSamples(number, self._node, self._chosen) if self._chosen >= 0 else None

    @property
    def _shape(self) -> Shape:
        return self._document.inference.nodes[self._node].output

    # --- answers -----------------------------------------------------------------------------------------------------

    def _take(self, seen: KernelsSeen) -> None:
        if seen.node != self._node:
            return
        first_time, self._seen = self._seen is None, seen
        if first_time:
            self._offer(seen.inputs, in_colour=seen.inputs == 3 and seen.depth == 1)
            self._say("")
            if self._what != COLOUR:
                self._asks.renew()
        self._show()

    def _show(self) -> None:
        seen = self._seen
        if seen is None:
            return
        wish = self._wished
        self._tiles = arranged(seen, wish)
        aside = ASIDE_PX if self._tiles.across > 1 else 0  # rows of a matrix stand below each other
        gap = GAP_PX if seen.row else WIDE_GAP_PX
        self.grid.show_tiles(self._tiles.pixels, self._tiles.across, gap, aside_px=aside)
        self._fill()
        largest = limits(seen, wish, self._chosen)
        high = "max" if largest is None else short(largest)
        self.bar.show_scale(SIGNED, f"−{high}", high, "0")
        self._mark_chosen()
        self._tell_facts(seen)

    def _fill(self) -> None:
        """Kernels are as large as all of them still fit."""
        seen = self._seen
        if seen is not None:
            wide = seen.tiles.shape[3]
            least, most = (side * wide for side in ROW_SIDES_PX) if seen.row else SIDES_PX
            self._area.fill(least, most)

    def _take_kernel(self, seen: KernelSeen) -> None:
        if (seen.node, seen.kernel) == (self._node, self._chosen):
            shared = self._seen is not None and bool(self.scale.currentData())
            self.detail.show_kernel(seen, float(self._seen.scales.max()) if shared and self._seen else None)

    def _take_map(self, seen: MapsSeen) -> None:
        if seen.closer and seen.closer.node == self._node:
            self.detail.show_map(seen.closer)

    def _refuse(self, message: str) -> None:
        if self._seen is None:
            self._say(message)

    # --- what the user does ------------------------------------------------------------------------------------------

    def _wish(self) -> None:
        self.input.setVisible(self.what.isVisibleTo(self) and self._what == ONE)
        self._asks.renew()

    def _pick(self, tile: int, row: int, column: int) -> None:
        if self._tiles is not None:
            self._choose(int(self._tiles.order[tile]))

    def _choose(self, kernel: int) -> None:
        """Shows a kernel closer; -1 shows none."""
        if kernel == self._chosen:
            return
        self._chosen = kernel
        self._detail_area.setVisible(kernel >= 0)
        self.detail.show_samples(None)
        for asks in (self._asks_one, self._asks_map, self._asks_samples):
            asks.renew()
        self._show()

    def _mark_chosen(self) -> None:
        places = np.flatnonzero(self._tiles.order == self._chosen) if self._tiles else np.zeros(0)
        self.grid.choose(int(places[0]) if len(places) else -1, len(places))

    def _explain(self, row: int, column: int) -> None:
        plane = middle_plane(self._shape, self._chosen)
        explain_pixel(self._session, self._node, self._shape, plane, row, column)

    def _explain_weight(self, channel: int, row: int, column: int) -> None:
        graph, inference = self._document.project.unfolded, self._document.inference
        index = weight_at(graph, inference, self._node, self._chosen, channel, row, column)
        if index is not None:
            self._session.explain_weight(self._node, "weight", index)

    def _look_at(self, sample: Excited) -> None:
        self._session.look_at(sample.sample)

    # --- words -------------------------------------------------------------------------------------------------------

    def _say(self, sentence: str) -> None:
        self.says.setText(sentence)
        self.says.setVisible(bool(sentence))
        for widget in (self.grid, self.bar):
            widget.setVisible(self._seen is not None)
        if sentence:
            self.facts.clear()

    def _wait(self) -> None:
        if self._seen is None:
            self._say(WAITING)

    def _tell_facts(self, seen: KernelsSeen) -> None:
        self.grid.setVisible(True)
        self.bar.setVisible(self._what != COLOUR)
        self.facts.setText(facts(seen, self._what))

    def _point(self, tile: int, row: int, column: int) -> None:
        seen, tiles = self._seen, self._tiles
        if tile < 0 or seen is None or tiles is None or tile >= len(tiles.order):
            self.under_mouse.clear()
            return
        kernel = int(tiles.order[tile])
        where = f"column {column}" if seen.row else f"row {row}, column {column}"
        self.under_mouse.setText(f"kernel {kernel}, {where} · norm {short(float(seen.norms[kernel]))}")

    def _repaint(self) -> None:
        self._show()
        self._asks_one.renew()
        self._asks_map.renew()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Wide panels have the kernel beside the grid, tall ones below it."""
        super().resizeEvent(event)
        wide = self.width() > self.height() * 1.6
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._body.setDirection(direction)
        high = self.height() - HEADS_PX if wide else int(self.height() * DETAIL_SHARE)
        across = self.width() / 2 if wide else self.width()
        room = min(high, int(across * WIDTH_SHARE))
        self.detail.set_room(room)
