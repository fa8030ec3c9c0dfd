"""What layers have learned: their kernels, and each of them closer."""
