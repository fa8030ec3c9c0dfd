from engine.families.transposed import TransposedConvolution
from engine.spec import layer


@layer("Transposed convolution 3-D", "convolution", keywords=("deconvolution", "upsampling", "convtranspose"))
class TransposedConv3d(TransposedConvolution):
    """Lets every voxel paint a learned kernel, so that the volume grows."""

    axes = 3
