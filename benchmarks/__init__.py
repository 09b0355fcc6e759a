"""Ratios of our work to a reference of the same run; ``python -m benchmarks`` writes ``docs/benchmarks.md``."""
