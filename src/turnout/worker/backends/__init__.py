"""Ways to execute an attempt. A backend knows processes, never run states."""
