from engine.families.convolution import Convolution
from engine.spec import layer


@layer("Convolution 3-D", "convolution", keywords=("conv", "filter", "kernel"))
class Conv3d(Convolution):
    """Slides small learned kernels through a volume; each kernel makes one channel of the output."""

    axes = 3
