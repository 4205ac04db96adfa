"""States as user code sees them: the value itself, made by name, judged together."""
