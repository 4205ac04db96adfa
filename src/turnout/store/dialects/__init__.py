"""What differs between databases: how to connect, begin, commit, and what their errors mean."""
