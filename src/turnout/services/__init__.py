"""Background duties: what the control plane does without being asked.

Invariant: a service is a `tick(store, now)`: it derives what is due from the database each time, treats each row in a
transaction of its own, so that one bad row holds up no other, and says when it wants to be called next. Only `loop.py`
waits, and nothing here keeps state that a restart would miss.

    scheduler   occurrences of schedules become runs
    rescuer     runs whose executor is gone are given up
    spools      journals that scripts left in the data folder are stored
    outbox      events of committed transitions become wake-ups, also those whose first wake-up was lost
"""
