"""From tables to the reader's report: nothing is computed here."""
