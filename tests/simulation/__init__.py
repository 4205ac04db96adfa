"""Deterministic simulation of the control plane: one seed decides everything that happens, in virtual time.

kernel     virtual time, processes as greenlets, the trace
network    calls between processes: lost, doubled, late, cut off
model_*    a store in memory that implements core.ports
backends   the stores behind the simulated servers, and the faults of reaching them
server     a server process: use cases behind calls, and its services
worker     workers, supervisors and flows
people     who triggers, cancels, retries and deploys
oracle     what really happened, kept apart from any database, and the promises it is compared with
scenario   what a seed means
simulation one seed from start to verdict
"""
