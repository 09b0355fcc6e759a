"""Ratios of our work to a reference measured in the same run; ``python -m benchmarks`` writes ``docs/benchmarks.md``."""
