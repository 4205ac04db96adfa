"""The use cases: what a person, a worker or a service can ask of the control plane, as functions of a transaction.

Invariant: works on `core.ports.Tx` alone: no SQL, no web, no clock of its own. Each function reads, decides and writes
within the transaction it is given, so that a use case happens wholly or not at all. A run's state is set by
`transition.apply` and by nothing else.

    transition      the one way from a state to the next
    creation, runs  make, cancel, retry runs; parameters are validated before a run is made
    claims          register, claim, heartbeat, report
    ingest          journal lines become tasks, logs and transitions
    after           deployments that start once others have completed
    scheduling      occurrences become runs
    releases        plan and apply
    deployments, explain    what is shown: next runs, and why a run waits
"""
