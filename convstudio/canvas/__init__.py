"""The network as cards and wires: shows the document, and edits it with gestures."""
