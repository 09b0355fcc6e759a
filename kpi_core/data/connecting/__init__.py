"""Databases that the server can reach: their secrets, opening them with a deadline, asking them, looking around."""
