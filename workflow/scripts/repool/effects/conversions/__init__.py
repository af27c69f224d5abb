"""Conversions from what papers print to the numbers an effect needs."""
