"""Recipes: a file's cells as they stand, made a plain table step by step before types are found."""
