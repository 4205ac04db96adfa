"""Benchmarks: they measure, never assert. `./dev bench core`; each figure beside the physical limit of the same run."""
