"""What is recorded: the spool file, the lines in it, and when they are safe."""
