"""The state: one SQLite file (the truth); beside it the rows of uploads, as Parquet files named by content."""
