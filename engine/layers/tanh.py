from engine.families.activation import Activation
from engine.spec import layer


@layer("Tanh", "activation", keywords=("hyperbolic tangent",))
class Tanh(Activation):
    """Squeezes every number between −1 and 1."""

    bounds = -1.0, 1.0
