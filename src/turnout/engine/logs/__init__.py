"""What is logged and printed during a run, on its way to the journal."""
