from engine.families.activation import Activation
from engine.spec import layer


@layer("GELU", "activation", keywords=("gaussian",))
class Gelu(Activation):
    """Multiplies each number by the chance that a normal number is smaller."""
