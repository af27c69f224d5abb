"""From harmonised results to effects: closed forms, routes, and the choice of what enters an analysis."""
