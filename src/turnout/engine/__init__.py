"""Runs user code: flows, tasks, futures, and the journal they write.

Invariant: nothing here imports a third-party package at import time, and the path of `from turnout import flow, task`
stays free of asyncio, inspect, dataclasses, enum, typing, json and logging. States are plain strings here, equal to
`core.states.RunState`. The store, the server and the worker are unknown; `connect` alone names others, as strings.
"""
