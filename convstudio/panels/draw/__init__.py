"""The draw panel: pictures of one's own, and what the network says to them."""
