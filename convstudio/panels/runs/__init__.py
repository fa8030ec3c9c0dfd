"""Every run that was kept: to compare, restore, rename, export, delete."""
