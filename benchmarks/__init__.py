"""Slow measurements; each prints a table and writes `benchmarks/results/<name>.json`, from which the README quotes."""
