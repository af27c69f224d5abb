"""From effects to pooled results: estimators, intervals, heterogeneity, sensitivity, two engines."""
