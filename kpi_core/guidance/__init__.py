"""What the workshop still lacks and what to do next: findings, readiness, steps, starter trees."""
