"""The settings of what is selected, and what they mean in numbers."""
