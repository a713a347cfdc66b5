"""Who does the parts of a screening: processes of this machine, or Ray."""
