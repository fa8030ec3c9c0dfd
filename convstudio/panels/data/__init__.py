"""The data panel: what a network learns from."""
