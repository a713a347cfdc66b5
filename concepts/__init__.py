"""What many predictions mean together: the concepts that a model has learned, in a chemist's words."""
