from engine.families.activation import Activation
from engine.spec import layer


@layer("SiLU", "activation", keywords=("swish",))
class Silu(Activation):
    """Multiplies each number by its sigmoid."""
