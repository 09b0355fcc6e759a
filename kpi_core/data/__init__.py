"""Reading uploads, datasets kept as Parquet, and measures over them."""
