"""What the numbers say: achievement against the goal."""
