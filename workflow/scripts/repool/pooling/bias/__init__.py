"""Evidence that may be missing: asymmetry tests, trim and fill, selection models, and what would have to be hidden."""
