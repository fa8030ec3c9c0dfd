from engine.spec import Layer, Shape, layer, sizes


@layer("Input", "data", keywords=("data", "image", "source"))
class Input(Layer):
    """Where samples enter the network."""

    ports = 0

    shape: Shape = sizes(
        (1, 28, 28), low=1, high=1 << 20, help="Channels, then height and width (or length; or depth too)."
    )

    def brief(self) -> str:
        return " × ".join(map(str, self.shape))

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.shape
