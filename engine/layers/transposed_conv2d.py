from engine.families.transposed import TransposedConvolution
from engine.spec import layer


@layer("Transposed convolution 2-D", "convolution", keywords=("deconvolution", "upsampling", "convtranspose"))
class TransposedConv2d(TransposedConvolution):
    """Lets every pixel paint a learned kernel, so that the image grows."""

    axes = 2
