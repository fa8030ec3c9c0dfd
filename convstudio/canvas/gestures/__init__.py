"""What a hand does on the canvas: each gesture an object with a beginning and an end."""
