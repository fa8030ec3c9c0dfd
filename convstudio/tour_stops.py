"""What the tour shows of a window: from an open network to the reason of a single number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from PySide6.QtWidgets import QToolBar, QWidget

from convstudio.canvas.canvas import Canvas
from convstudio.tour import Stop
from convstudio.training.session import Session


@attrs.frozen
class Guide:
    """What the tour needs of a window; `show` brings a panel to the front."""

    canvas: Canvas
    docks: Mapping[str, QWidget]
    toolbar: QToolBar
    session: Session
    open_lenet: Callable[[], None]
    show: Callable[[str], object]

    def stops(self) -> list[Stop]:
        """From the first card to the last word."""
        return [*self._composing(), *self._training_and_seeing()]

    def _composing(self) -> list[Stop]:
        return [
            Stop(
                "The network",
                "Each card is a layer. Data flow downwards; the box on a card is the shape that it makes, so one sees "
                "the network narrow and deepen. The bold numbers are that shape, the quiet one counts the parameters.",
                lambda: self.canvas,
                self.open_lenet,
            ),
            Stop(
                "Layers to choose from",
                "Drag one on to the canvas, or on to a wire to put it in between. Or press Tab on the canvas, type "
                "a part of its name and press Enter.",
                lambda: self.docks["palette"],
                lambda: self.show("palette"),
            ),
            Stop(
                "Why is it so?",
                "Here are the settings of what is selected, and below them the arithmetic with the real numbers: how "
                "output size and parameters come about. Change a number, and the whole network follows at once.",
                lambda: self.docks["inspector"],
                lambda: self._select("inspector"),
            ),
        ]

    def _training_and_seeing(self) -> list[Stop]:
        return [
            Stop(
                "Train it",
                "Data, learning rate and how long: it could begin as it is. Digits need no download; MNIST is one "
                "click away. Go on, and the training begins.",
                lambda: self.docks["train"],
                lambda: self.show("train"),
            ),
            Stop(
                "Watch filters form",
                "These are the kernels of the first convolution, while the network learns: noise becomes edges and "
                "dots. Click one to see its numbers, and the samples that excite it most.",
                lambda: self.docks["filters"],
                self._train_and_watch,
            ),
            Stop(
                "Draw a 7",
                "Draw with the mouse: with every movement the network says how probable it finds each digit, also "
                "while it still learns. Below are the training samples that it finds most similar.",
                lambda: self.docks["draw"],
                lambda: self.show("draw"),
            ),
            Stop(
                "Click a pixel to see why",
                "What each layer makes of your drawing, or of a sample. Click a map to see it large, then one of its "
                "pixels: One number, explained shows every product that made it, down to the picture itself.",
                lambda: self.docks["maps"],
                lambda: self._select("maps"),
            ),
            Stop(
                "Everything else",
                "All that can be done is in the menus, and is found with Ctrl+K by typing a part of its name; what is "
                "done often has a key. Every panel has a ? that says what one sees. Everything can be undone.",
                lambda: self.toolbar,
            ),
        ]

    def _select(self, panel: str) -> None:
        self.show(panel)
        document = self.canvas.document
        found = next((node.id for node in document.graph if node.layer.kind == "conv2d"), None)
        document.select([found] if found else [])

    def _train_and_watch(self) -> None:
        if not self.session.running and not self.canvas.document.weights:
            self.session.start()
        self._select("filters")
