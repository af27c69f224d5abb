"""Figures of one analysis beside its forest plot: each drawn from the tables as they stand; nothing is computed."""
