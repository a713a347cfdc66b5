"""What the Screen page adds: private folders, runs, estimates, downloads."""
