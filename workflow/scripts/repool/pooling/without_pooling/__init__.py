"""What can be said where nothing is pooled: directions, their sign test, and combined p-values."""
