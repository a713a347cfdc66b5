"""The smallest molecules that still belong to a concept."""
