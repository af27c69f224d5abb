"""Effects that share people: multilevel models, working models, and standard errors robust to both."""
