from engine.families.activation import Activation
from engine.spec import layer


@layer("Sigmoid", "activation", keywords=("logistic",))
class Sigmoid(Activation):
    """Squeezes every number between 0 and 1."""

    bounds = 0.0, 1.0
