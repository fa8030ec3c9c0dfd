"""The network as a table: a line for each layer, which can be read, sorted, walked through and edited."""
