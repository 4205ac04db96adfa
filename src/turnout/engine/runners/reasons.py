"""Why the flow's side stops a process: what it says to itself when that process is gone."""

STOPPED = "the flow was stopped"
TIMED_OUT = "its time was over"
