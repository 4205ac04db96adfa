"""Where code runs: the root run and the scopes inside it, and what code may ask of them."""
