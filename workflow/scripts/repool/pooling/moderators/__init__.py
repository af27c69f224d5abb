"""Why effects differ: subgroups and meta-regression."""
