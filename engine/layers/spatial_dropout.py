from engine.families.dropout import Forgetting
from engine.spec import layer


@layer("Spatial dropout", "shape", keywords=("dropout2d", "regularization"))
class SpatialDropout(Forgetting):
    """Forgets whole channels at random while training."""

    by_channel = True
