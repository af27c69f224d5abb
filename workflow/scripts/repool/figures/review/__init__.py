"""Figures of the whole review, each drawn from its table."""
