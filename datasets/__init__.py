"""Chemistry in, arrays out: parsing, standardisation, features, tasks and data sources; knows no model."""
