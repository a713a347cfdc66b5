"""Parts of the Models and the Train page."""
