"""One number, explained: any number of a network can be asked why."""
