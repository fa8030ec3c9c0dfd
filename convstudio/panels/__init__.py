"""The panels around the canvas; none knows another, all listen to the document."""
