"""Work that outlives a page: one process after another, and the folders it leaves."""
