"""Benchmarks that can be run again: `bin/bench pages`, `bin/bench orders`. Each prints ratios to a floor of the same run."""
