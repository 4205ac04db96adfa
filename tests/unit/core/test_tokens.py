"""The chain of an attempt's tokens."""

from turnout.core.tokens import flow_token, run_token_hash, token_hash
from turnout.server.auth.tokens import new_token, token_kind


def test_a_run_token_leads_to_its_flow_token_and_not_back() -> None:
    run = new_token("run")
    flow = flow_token(run)
    assert token_kind(flow) == "flow"
    assert flow == flow_token(run)
    assert flow != flow_token(new_token("run"))
    assert run[7:] not in flow


def test_one_hash_vouches_for_both() -> None:
    run = new_token("run")
    assert run_token_hash(run) == token_hash(flow_token(run))
    assert run_token_hash(run) != token_hash(run)
