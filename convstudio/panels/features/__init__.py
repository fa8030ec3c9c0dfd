"""How the samples lie to each other, as a layer sees them."""
