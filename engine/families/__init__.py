"""What layers of one family share, whatever their number of axes."""
