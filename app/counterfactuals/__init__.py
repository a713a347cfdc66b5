"""What a search for counterfactuals is asked, and what is told of its answer."""
