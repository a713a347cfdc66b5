"""Sets of concepts at hand, and those that a page has found or printed."""
