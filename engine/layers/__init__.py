"""One file for each kind of layer; the file's name is the kind."""
