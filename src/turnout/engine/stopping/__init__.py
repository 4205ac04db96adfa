"""How running code is stopped: deadlines, timers, interrupts, and the pipe to the supervisor."""
