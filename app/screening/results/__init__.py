"""What was found, asked and taken home: tables, filters, exports, picks and plates."""
