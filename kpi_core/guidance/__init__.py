"""What the workshop still lacks and what to do next: findings, the 15 readiness items, the five steps, starter trees."""
