from engine.families.convolution import Convolution
from engine.spec import layer


@layer("Convolution 1-D", "convolution", keywords=("conv", "filter", "kernel"))
class Conv1d(Convolution):
    """Slides small learned kernels along a signal; each kernel makes one channel of the output."""

    axes = 1
