"""Who is asking: tokens, token files, sessions, and the check of where a browser's request comes from."""
