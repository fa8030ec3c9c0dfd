"""Which kernels a layer needs and in what order; imported only where networks are computed."""
