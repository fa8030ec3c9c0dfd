from engine.families.activation import Activation
from engine.spec import layer


@layer("Softplus", "activation")
class Softplus(Activation):
    """A smooth ReLU: the logarithm of 1 + e to the x."""
