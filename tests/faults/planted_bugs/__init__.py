"""Fifteen bugs that are put into the product for as long as a harness hunts them: patches of its code, never switches
in it.

    control     bugs of the control plane, caught by the simulator
    store       bugs of the store, caught by the simulator on SQLite and by the state machines
    executor    bugs of engine, worker and schedules, caught by their own harnesses
"""
