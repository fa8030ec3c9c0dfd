"""The compiled part of the engine: loops over channels and pixels around full vectors of samples."""
