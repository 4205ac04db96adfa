"""Work that need not be done twice: steps of earlier attempts, cached results."""
