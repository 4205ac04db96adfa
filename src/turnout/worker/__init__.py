"""Executes runs: claims them, starts each under its own supervisor, and accounts for what earlier workers left.

    worker loop --socket--> zygote --fork--> supervisor --fork--> flow process (turnout.engine, user code)

Invariants: a flow process dies with its supervisor; a supervisor outlives the worker loop and the server; a spool is
deleted only when the server has stored all of it.
"""
