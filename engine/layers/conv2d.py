from engine.families.convolution import Convolution
from engine.spec import layer


@layer("Convolution 2-D", "convolution", keywords=("conv", "filter", "kernel"))
class Conv2d(Convolution):
    """Slides small learned kernels over an image; each kernel makes one channel of the output."""

    axes = 2
