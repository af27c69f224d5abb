"""From tables to figures: nothing is computed here."""
