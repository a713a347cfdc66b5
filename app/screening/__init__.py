"""Screening: a library of any length, row for row, into a run folder that survives every kill."""
