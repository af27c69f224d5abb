"""Pool the studies of a systematic review again, from extraction table to report."""
