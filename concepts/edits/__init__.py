"""Single edits of a molecule, one family a file; `concepts.edits.enumeration` puts them together."""
