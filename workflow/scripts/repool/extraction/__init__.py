"""From files as they were typed to harmonised results: read, check, bring to one vocabulary."""
