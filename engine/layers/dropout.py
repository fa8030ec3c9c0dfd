from engine.families.dropout import Forgetting
from engine.spec import layer


@layer("Dropout", "shape", keywords=("regularization", "noise"))
class Dropout(Forgetting):
    """Forgets numbers at random while training, so that the network does not rely on any of them."""
