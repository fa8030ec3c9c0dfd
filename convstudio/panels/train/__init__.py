"""How to train, and the buttons that do it."""
