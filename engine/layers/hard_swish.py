from engine.families.activation import Activation
from engine.spec import layer


@layer("Hard swish", "activation", keywords=("mobilenet",))
class HardSwish(Activation):
    """A swish made of straight lines and a parabola, quick to compute."""
