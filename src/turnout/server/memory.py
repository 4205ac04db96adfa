"""What a server's process keeps for as long as it lives."""

import gc

from turnout.store.transaction import load_aggregates


def settle() -> None:
    """Load what answers would load one by one, and take all that is there from the garbage collector.

    A large answer makes enough objects to set off a full collection; it walked the modules, classes and schemas of the
    whole server and held up everybody for 45 ms. For processes that are nothing but a server.
    """
    load_aggregates()
    gc.collect()
    gc.freeze()
