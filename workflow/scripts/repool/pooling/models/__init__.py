"""Models of one mean or regression line: between-study variance, weighted fit, intervals, and the second opinions."""
