"""Parts of the Counterfactuals page."""
