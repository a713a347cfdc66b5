"""Results as files: tables for spreadsheets and scripts, structures with their masks for chemistry tools."""
