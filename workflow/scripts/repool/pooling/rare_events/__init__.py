"""Pooling counts where events are rare: Mantel-Haenszel, Peto, and likelihoods of the counts themselves."""
