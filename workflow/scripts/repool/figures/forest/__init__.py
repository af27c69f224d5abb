"""The forest plot of an analysis."""
