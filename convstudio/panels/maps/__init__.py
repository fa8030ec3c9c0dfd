"""What layers make of a sample: all their channels, and one of them closer."""
