"""Parts of the Simulate page."""
