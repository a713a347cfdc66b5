"""Published alerts found in many molecules at once, from feature codes."""
