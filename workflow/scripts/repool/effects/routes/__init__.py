"""The ways from what a source prints to the numbers that an effect is computed from."""
