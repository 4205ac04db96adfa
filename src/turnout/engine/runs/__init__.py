"""The life of a run: generators of instructions, written once, and the drivers that carry them out."""
