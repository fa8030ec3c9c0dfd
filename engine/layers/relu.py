from engine.families.activation import Activation
from engine.spec import layer


@layer("ReLU", "activation", keywords=("rectifier", "nonlinearity"))
class Relu(Activation):
    """Keeps positive numbers and turns negative ones into zero."""

    is_relu = True
