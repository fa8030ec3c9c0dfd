from engine.families.transposed import TransposedConvolution
from engine.spec import layer


@layer("Transposed convolution 1-D", "convolution", keywords=("deconvolution", "upsampling", "convtranspose"))
class TransposedConv1d(TransposedConvolution):
    """Lets every value paint a learned kernel, so that the signal grows."""

    axes = 1
