"""The domain: states, transitions, records, ports and errors.

Invariant: standard library only; no I/O, no clock, no randomness, no threads. Everything here is a value or a pure
function of values. Modules on the engine's import path (`states`, `errors`, `ids`, `journal`, `durations`) import
neither `dataclasses` nor `inspect`, because a flow author pays for every millisecond.
"""
