"""What a concept is called: the substructures under its masks, counted against all other molecules."""
