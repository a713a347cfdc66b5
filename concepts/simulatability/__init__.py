"""Whether explanations teach anything: students trained with and without masks."""
