"""What people touch: the pages, the command line and the files that they write."""
