"""What a network takes for what, class by class and sample by sample."""
