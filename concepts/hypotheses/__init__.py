"""What a language model supposes about a concept, and the paragraph that the data alone give."""
