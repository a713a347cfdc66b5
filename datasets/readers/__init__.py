"""One reader a format; `datasets.library` is the door to them."""
