"""Ours beside others over HTTP, on one machine, in one run: see benchmarks/README.md."""
