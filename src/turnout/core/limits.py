"""Every limit of the system, in one place; shown by `turnout limits`. Sizes are bytes unless named otherwise."""

BODY_BYTES = 1_000_000
JOURNAL_BATCH_BYTES = 4_000_000
BUNDLE_BYTES = 50_000_000
PARAMETERS_BYTES = 256_000
LOG_LINE_BYTES = 64_000
INLINE_RESULT_BYTES = 1_000_000
ARTIFACT_BYTES = 5_000_000
MANIFEST_BYTES = 2_000_000
NAME_CHARACTERS = 63
PAGE_ROWS = 200
COUNTED_RUNS = 10_000
SAVED_VIEWS = 100
CATCH_UP_RUNS = 100
SQL_SAMPLE_ROWS = 20
CATCH_UP_STARTS_PER_SECOND = 10.0
"""What a stop of the server, or a pause, left to be started is started at this rate over all schedules: no storm."""

LEASE_SECONDS = 30.0
"""How long an executor holds a run without renewing; it renews every third of it."""
DEAD_SECONDS = 45.0
"""A run whose executor is gone leaves `running` within this time."""
SWEEP_SECONDS = 5.0
"""How often the rescuer looks for lapsed leases."""
CANCEL_GRACE_SECONDS = 10.0
"""Between TERM and KILL when a run is cancelled or times out."""
LATE_SECONDS = 10.0
"""A run that is due for longer than this and not started is shown as Late."""
JSON_DEPTH = 64
"""How deep arrays and objects of a request's JSON may nest."""
HEAD_BYTES = 65_536
"""How large the head of a request may be."""
HEAD_SECONDS = 20.0
"""How long a request's head may take to arrive."""
BODY_SECONDS = 30.0
"""How long a request's body may take to arrive; a bundle or journal batch has ten times as long."""
POLL_SECONDS = 25.0
"""The longest that a long poll is held; clients that ask for more are answered then."""
LOGIN_LINK_SECONDS = 600.0
"""How long a one-time login link works."""
DEPLOY_SECONDS = 900.0
"""How long the token works that a workflow gets for its identity token."""
SESSION_SECONDS = 7 * 86400.0
"""How long a browser stays logged in at most."""
SESSION_IDLE_SECONDS = 86400.0
"""How long a browser that asks for nothing stays logged in."""
CONNECTION_TRIAL_SECONDS = 10.0
"""How long a connection may take to answer when somebody tries it."""
