"""Rows in, verdicts out: what the page, the commands and the exports say of a molecule."""
