"""What every layer makes of a sample, live while training; one layer large, with every number."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.look.colormaps import AUTOMATIC, GREY, SIGNED, SPECTRUM, suiting
from convstudio.look.icons import symbol
from convstudio.look.theme import appearance, space
from convstudio.panels.maps.closer_view import CloserView
from convstudio.panels.maps.layer_list import LayerList
from convstudio.panels.maps.zoom_view import Frame
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
from convstudio.wording import class_words, sizes
from engine.explained import number as written
from engine.questions.seeing import LayerMaps, Maps, MapsSeen
from engine.spec import Shape

COLORS = (("Suiting", AUTOMATIC), ("Spectrum", SPECTRUM), ("Grey", GREY), ("By sign", SIGNED))
ALL_LAYERS = "All layers"
MOST_SAMPLES = 10_000_000
NO_NETWORK = "There is no network yet. Add an input and a layer to see maps."


class MapsPanel(QWidget):
    """Activation maps."""

    explanation = (
        "What every layer makes of one sample: each small picture is a channel. Where a layer has negative numbers, "
        "blue is positive and orange negative; where it has none, dark is silence and bright a strong answer. Scroll "
        "from the sample at the top down to the decision. Click a map to see its layer large: zoom with the wheel, "
        "move by dragging, read numbers under the mouse, and click a pixel to have its arithmetic explained. Overlay "
        "lays a map over the sample, so that one sees what it answers to. Try to find the channels of the first "
        "convolution that answer to edges, and watch them form while the network trains."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._node, self._plane = "", 0  # the layer that is large, and its channel
        self._listed = False
        self._seen: MapsSeen | None = None
        self._large: LayerMaps | None = None
        self._under: tuple[str, int, int, int] | None = None  # what the mouse is over: layer, plane, row, column
        self._under_seen: MapsSeen | None = None
        self._make_tools()
        self._make_body()
        self._lay_out()
        self._asks = KeepsUp(session, self, self._question)
        self._asks_under = KeepsUp(session, self, self._question_under)
        self._asks.came.connect(self._take)
        self._asks.refused.connect(self._refuse)
        self._asks_under.came.connect(self._take_under)
        session.shown.connect(self._follow_sample)
        document.selection_changed.connect(self._follow_selection)
        document.inference_changed.connect(self._list_layers)
        appearance().changed.connect(self._repaint)
        self._follow_sample(session.showing)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_tools(self) -> None:
        self.layer = layer_choice()
        self.layer.activated.connect(self._choose_layer)
        self.before = self._arrow("chevron_left", "Sample before", -1)
        self.after = self._arrow("chevron_right", "Next sample", 1)
        self.sample = counting("sample", "Number of the sample", MOST_SAMPLES)
        self.sample.valueChanged.connect(self._session.look_at)
        self.label = QLabel()
        self.label.setProperty("role", "quiet")
        self.colors = choice("Colours", COLORS)
        self.colors.setToolTip("Suiting: by sign where there are negative numbers, else the spectrum")
        self.colors.activated.connect(self._repaint)
        self.scale = scale_choice()
        self.scale.activated.connect(self._repaint)
        self.overlay = QCheckBox("Overlay")
        self.overlay.setToolTip("Lays the map over the sample, so that each pixel covers what it sees of it")
        self.overlay.toggled.connect(self._repaint)

    def _arrow(self, icon: str, name: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(symbol(icon))
        button.setIconSize(QSize(space(4), space(4)))
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self._step_sample(step))
        return button

    def _make_body(self) -> None:
        self.list = LayerList()
        self.list.picked.connect(self._show_large)
        self.list.pointed.connect(self._point)
        self.list.moved.connect(self._ask_for_more)
        self.large = CloserView()
        self.large.plane_picked.connect(self._choose_plane)
        self.large.tile_pointed.connect(lambda plane, row, column: self._point(self._node, plane, row, column))
        self.large.pixel_pointed.connect(self._point_pixel)
        self.large.pixel_picked.connect(self._explain)
        self._words = Words()
        self.says, self.facts, self.under_mouse = self._words.says, self._words.facts, self._words.under_mouse
        self.pages = QStackedWidget()
        for page in (self.list, self.large, self.says):
            self.pages.addWidget(page)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(space(2))
        for widget in (self.layer, self.before, self.sample, self.after):
            tools.addWidget(widget)
        tools.addStretch(1)
        tools.addWidget(self.overlay)
        tools.addWidget(self.colors)
        tools.addWidget(self.scale)
        stack(self, tools, self.pages, self._words, self.label)

    # --- which layer -------------------------------------------------------------------------------------------------

    def _shape(self, node: str) -> Shape:
        return self._document.inference.nodes[node].output

    def _list_layers(self) -> None:
        self._listed = self.isVisible()
        if not self._listed:
            return  # nobody sees it: a strip for every layer takes time
        found = self._document.inference.nodes
        names = [node.id for node in self._document.project.unfolded.order if node.id in found]
        if [self.layer.itemText(place) for place in range(1, self.layer.count())] != names:
            self.layer.clear()
            self.layer.addItems([ALL_LAYERS, *names])
        self.list.show_layers({name: self._shape(name) for name in names})
        if self._node not in names:
            self._node = ""
        self._show_page()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        if not self._listed:
            self._list_layers()

    def _follow_selection(self) -> None:
        chosen = [name for name in self.list.strips if name in self._document.selection]
        if chosen and self._node and self._node not in chosen:
            self._show_large(chosen[0], 0)
        elif chosen:
            self.list.go_to(chosen[0])

    def _choose_layer(self, place: int) -> None:
        self._show_large(self.layer.itemText(place) if place else "", 0)

    def _show_large(self, node: str, plane: int) -> None:
        """One layer large; none shows all of them."""
        self._node, self._plane, self._large, self._under = node, plane, None, None
        if node in self._document.graph:
            self._document.select([node])
        self._show_page()

    def _show_page(self) -> None:
        if self._node:
            self.large.show_shape(self._shape(self._node))
        self.layer.setCurrentText(self._node or ALL_LAYERS)
        self.overlay.setVisible(self._frame() is not None)
        empty = not self.list.strips
        self.says.setText(NO_NETWORK if empty else "")
        self.pages.setCurrentWidget(self.says if empty else self.large if self._node else self.list)
        self._tell_facts()
        self._asks.renew()

    def _tell_facts(self) -> None:
        if not self._node or self.pages.currentWidget() is self.says:
            seen = self.pages.currentWidget() is self.list
            self.facts.setText("Click a map to see its layer large" if seen else "")
            return
        self.facts.setText(f"{sizes(self._shape(self._node))} · channel {self._channel_words(self._node, self._plane)}")

    def _channel_words(self, node: str, plane: int) -> str:
        shape = self._shape(node)
        slices = shape[1] if len(shape) > 3 else 1
        return f"{plane // slices}, slice {plane % slices}" if slices > 1 else str(plane)

    # --- which sample ------------------------------------------------------------------------------------------------

    def _step_sample(self, step: int) -> None:
        if isinstance(self._session.showing, int):
            self.sample.setValue(self.sample.value() + step)
        else:
            self._session.look_at(self.sample.value())

    def _follow_sample(self, showing: object) -> None:
        if isinstance(showing, int):
            self.sample.blockSignals(True)
            self.sample.setValue(showing)
            self.sample.blockSignals(False)
            self.label.clear()
        else:
            self.label.setText("your picture")
        self._asks.follow()
        self._asks_under.follow()

    # --- questions and answers ---------------------------------------------------------------------------------------

    def _question(self, number: int) -> Maps | None:
        if self._node:
            return asked_maps(self._session, number, (self._node,), self._node, self._plane)
        nodes = self.list.in_sight
        return asked_maps(self._session, number, nodes) if nodes else None

    def _question_under(self, number: int) -> Maps | None:
        return asked_maps(self._session, number, (), *self._under[:2]) if self._under else None

    def _take(self, seen: MapsSeen) -> None:
        self._seen = seen
        self.sample.setMaximum(seen.samples - 1)
        if isinstance(self._session.showing, int):
            self.label.setText(f"{seen.part} · {class_words(seen.label)}" if seen.label else seen.part)
        if not self.list.strips:
            return
        self.pages.setCurrentWidget(self.large if self._node else self.list)
        self._tell_facts()
        self._show(seen)

    def _show(self, seen: MapsSeen) -> None:
        shared, known = bool(self.scale.currentData()), self._document.inference.nodes
        for maps in seen.layers:
            if maps.node not in known:  # seen before the network became another one
                continue
            colormap = self._colormap(maps.node, float(maps.lows.min(initial=0.0)))
            if not self._node:
                self.list.show_maps(maps, colormap, shared=shared)
            elif maps.node == self._node:
                self.large.show_maps(maps, self._plane, colormap, shared=shared)
        if seen.closer and seen.closer.node == self._node and self._node in known:
            colormap = self._colormap(self._node, seen.closer.low)
            frame = self._frame() if self.overlay.isChecked() and seen.picture.size else None
            self.large.show_closer(seen.closer, colormap, seen.picture, frame, shared=shared)
            self._write_value()

    def _colormap(self, node: str, low: float) -> str:
        chosen = str(self.colors.currentData())
        sample = not self._document.inference.nodes[node].inputs
        return GREY if sample and chosen == AUTOMATIC else suiting(chosen, low)

    def _refuse(self, message: str) -> None:
        self.says.setText(message)
        self.pages.setCurrentWidget(self.says)
        self._tell_facts()

    def _take_under(self, seen: MapsSeen) -> None:
        self._under_seen = seen
        self._write_value()

    def _repaint(self) -> None:
        if self._seen is not None:
            self._show(self._seen)
        self._asks.renew()

    def _ask_for_more(self) -> None:
        self._asks.renew()

    def _frame(self) -> Frame | None:
        """How the large layer's maps lie on the sample; None where each of its pixels sees all of it."""
        if not self._node or len(self._shape(self._node)) != 3:
            return None
        field = self._document.inference.nodes[self._node].receptive_field
        if field is None or len(field.step) != 2 or not all(field.step):
            return None
        starts = [s + (size - step) / 2 for s, size, step in zip(field.start, field.size, field.step, strict=True)]
        return Frame((starts[0], starts[1]), (field.step[0], field.step[1]))

    # --- mouse -------------------------------------------------------------------------------------------------------

    def _choose_plane(self, plane: int) -> None:
        self._plane = plane
        self.large.grid.choose(plane)
        self._tell_facts()
        self._asks.renew()

    def _point(self, node: str, plane: int, row: int, column: int) -> None:
        before, self._under = self._under, (node, plane, row, column) if plane >= 0 else None
        if self._under is None:
            self.under_mouse.clear()
        elif before is None or before[:2] != self._under[:2]:
            self._under_seen = None
            self._asks_under.renew()
        self._write_value()

    def _point_pixel(self, row: int, column: int) -> None:
        self._point(self._node, self._plane if row >= 0 else -1, row, column)

    def _write_value(self) -> None:
        """The exact number that the mouse is over; nothing until it is known."""
        if self._under is None:
            return
        node, plane, row, column = self._under
        where = f"{node} · channel {self._channel_words(node, plane)}"
        if len(self._shape(node)) > 1:
            where += f" · row {row}, column {column}" if len(self._shape(node)) > 2 else f" · place {column}"
        for seen in (self._seen, self._under_seen):
            closer = seen.closer if seen else None
            if closer and (closer.node, closer.channel) == (node, plane):
                rows, columns = closer.values.shape
                value = float(closer.values[min(row, rows - 1), min(column, columns - 1)])
                self.under_mouse.setText(f"{where} · {written(value)}")
                return
        self.under_mouse.setText(where)

    def _explain(self, row: int, column: int) -> None:
        explain_pixel(self._session, self._node, self._shape(self._node), self._plane, row, column)
