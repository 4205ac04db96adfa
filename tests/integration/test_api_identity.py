"""Continuous integration without a stored key: identity tokens of GitHub workflows, from a stand-in for its issuer."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.github import Issuer, issuer
from tests.serving import Served, apply, field_plan, packed, served
from turnout.client import HttpAdminApi
from turnout.client.identity import deploy_token
from turnout.core.errors import Forbidden, IssuerUnreachable, ServerUnreachable, Unauthorized
from turnout.core.records import Namespace, Page, RunFilter
from turnout.core.snapshot import GithubDeploy
from turnout.server.table import ROUTES

WANTED = replace(field_plan(), deploy_github=GithubDeploy(repository_id=42))


@pytest.fixture
def github() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, github: Issuer) -> Iterator[Served]:
    with served(tmp_path, oidc_issuer=github.url) as running, running.admin() as api:
        apply(api, WANTED)
        apply(api, replace(field_plan(), project="other"))
        yield running


def exchange(server: Served, token: str, **changes: Any) -> httpx.Response:
    with server.http() as http:
        return http.post("/api/v1/deploy/oidc", json={"token": token, "project": "field-plan", **changes})


def deployer(server: Served, github: Issuer, **claims: Any) -> HttpAdminApi:
    answer = exchange(server, github.token(server.url, **claims))
    assert answer.status_code == 201, answer.text
    return HttpAdminApi(server.url, answer.json()["token"])


def test_a_push_to_the_branch_applies(server: Served, github: Issuer) -> None:
    with deployer(server, github) as api:
        changed = replace(WANTED, variables={"source_code": 2})
        assert api.plan(changed)["operations"]
        digest, content = packed({"flows/load.py": b"code"})
        api.put_bundle(digest, content)
        done = api.apply(changed, bundle=digest, commit="c0ffee", author="a", message="m")
        assert done["changed"]
    with server.admin() as admin:
        newest = admin.releases(Namespace(project="field-plan"), Page(limit=1))[0]
        assert newest.applied_by == "deploy:github:org/data@refs/heads/main"


def test_a_pull_request_plans_and_changes_nothing(server: Served, github: Issuer) -> None:
    with deployer(server, github, event_name="pull_request", ref="refs/pull/1/merge") as api:
        assert api.plan(replace(WANTED, variables={"source_code": 2}))["operations"]
        with pytest.raises(Forbidden, match="may plan and not apply"):
            apply(api, WANTED)
        with pytest.raises(Forbidden, match="may plan and not apply"):
            api.put_bundle("a" * 64, b"code")


def test_its_token_is_for_its_project_and_environment_and_for_deploying(server: Served, github: Issuer) -> None:
    with deployer(server, github) as api:
        for foreign in (replace(WANTED, project="other"), replace(WANTED, environment="staging")):
            with pytest.raises(Forbidden, match="may not ask"):
                apply(api, foreign)
            with pytest.raises(Forbidden, match="may not ask"):
                api.plan(foreign)
            with pytest.raises(Forbidden, match="may not ask"):
                api.snapshot(Namespace(project=foreign.project, environment=foreign.environment))
        with pytest.raises(Forbidden):
            api.runs(RunFilter(), Page(limit=1))
        with pytest.raises(Forbidden):
            api.login_link()


def test_it_reaches_the_routes_of_deploying_only(server: Served, github: Issuer) -> None:
    token = exchange(server, github.token(server.url)).json()["token"]
    opened = set()
    with server.http(token) as http:
        for route in ROUTES:
            path = route.path.replace("{id}", "0" * 32).replace("{name}", "load").replace("{digest}", "a" * 64)
            answer = http.request(route.method, path)
            refused = bool(route.access) and "deploy" not in route.access
            assert answer.status_code == 403 or not refused, (route.method, route.path, answer.text)
            if "deploy" in route.access:
                opened.add((route.method, route.path))
    assert opened == {
        ("GET", "/api/v1/bundles/{digest}/stored"),
        ("GET", "/api/v1/drift"),
        ("GET", "/api/v1/releases"),
        ("GET", "/api/v1/snapshot"),
        ("POST", "/api/v1/plan"),
        ("POST", "/api/v1/apply"),
        ("PUT", "/api/v1/bundles/{digest}"),
    }


def test_a_token_is_taken_once(server: Served, github: Issuer) -> None:
    token = github.token(server.url)
    assert exchange(server, token).status_code == 201
    again = exchange(server, token)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def forgeries(github: Issuer, audience: str) -> Iterator[tuple[str, str]]:
    now = int(time.time())
    stranger = generate_private_key(65537, 2048)
    public = github.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    yield "expired", github.token(audience, iat=now - 900, nbf=now - 900, exp=now - 600)
    yield "not yet", github.token(audience, nbf=now + 600)
    yield "another audience", github.token("https://elsewhere.example")
    yield "several audiences", github.token(audience, aud=[audience, "https://elsewhere.example"])
    yield "another issuer", github.token(audience, iss="https://evil.example")
    yield "another key", github.token(audience, key=stranger)
    yield "an unknown key", github.token(audience, headers={"kid": "key-2"})
    yield "no key name", github.token(audience, headers={"kid": None})
    yield "its own key's address", github.token(audience, key=stranger, headers={"jku": "https://evil.example/jwks"})
    yield "a certificate's address", github.token(audience, key=stranger, headers={"x5u": "https://evil.example/c"})
    yield "no algorithm", jwt.encode({"aud": audience}, None, algorithm="none", headers={"kid": "key-1"})
    yield "the public key as a secret", _hs256(github.token(audience), public)
    for claim in ("exp", "nbf", "iat", "jti", "repository_id", "repository", "ref", "event_name", "workflow_ref"):
        yield f"no {claim}", github.token(audience, **{claim: None})
    yield "a repository that is no number", github.token(audience, repository_id="42 or 1")
    yield "no token", "nonsense"
    yield "three dots", "a.b.c"


def _hs256(token: str, secret: bytes) -> str:
    """The old trick: what anybody can read is taken for the key of a symmetric signature."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "key-1"}).encode()).rstrip(b"=")
    signed = head + b"." + token.split(".")[1].encode()
    mac = base64.urlsafe_b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).rstrip(b"=")
    return (signed + b"." + mac).decode()


def test_forged_tokens_are_refused(server: Served, github: Issuer) -> None:
    for what, token in forgeries(github, server.url):
        answer = exchange(server, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), (what, answer.text)
        assert token not in answer.text


def test_workflows_that_are_not_trusted_are_refused(server: Served, github: Issuer) -> None:
    for claims in (
        {"repository_id": "43"},
        {"repository_id": "43", "repository": "org/data"},
        {"event_name": "pull_request_target"},
    ):
        assert exchange(server, github.token(server.url, **claims)).status_code == 403
    assert exchange(server, github.token(server.url), project="other").status_code == 403
    assert exchange(server, github.token(server.url), project="unknown").status_code == 403


def test_strangers_cannot_make_the_server_ask_for_keys_again_and_again(server: Served, github: Issuer) -> None:
    for number in range(5):
        assert exchange(server, github.token(server.url, headers={"kid": f"new-{number}"})).status_code == 401
    assert github.asked.count("/.well-known/jwks") == 1


def test_keys_that_cannot_be_had_are_an_outage_and_no_refusal(tmp_path: Path, github: Issuer) -> None:
    with served(tmp_path, oidc_issuer="http://127.0.0.1:9") as running:
        answer = exchange(running, github.token(running.url))
    assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unreachable")


def test_a_workflow_gets_its_token_without_being_told_how(server: Served, github: Issuer) -> None:
    token = deploy_token(server.url, "field-plan", "production", environ=github.environ())
    with HttpAdminApi(server.url, token) as api:
        assert api.plan(WANTED)["operations"] == []
    github.claims["repository_id"] = "43"
    with pytest.raises(Unauthorized, match="may not deploy this project") as refused:
        deploy_token(server.url, "field-plan", "production", environ=github.environ())
    assert "repository_id: 43" in (refused.value.fix or "")


def test_a_workflow_is_told_which_of_the_two_is_away(tmp_path: Path, github: Issuer) -> None:
    keyless = pytest.raises(IssuerUnreachable, match=r"the keys of http://127\.0\.0\.1:9")
    with served(tmp_path, oidc_issuer="http://127.0.0.1:9") as running, keyless:
        deploy_token(running.url, "field-plan", "production", environ=github.environ())
    with pytest.raises(ServerUnreachable):
        deploy_token(running.url, "field-plan", "production", environ=github.environ())
    nobody = {**github.environ(), "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/?x=1"}
    with pytest.raises(IssuerUnreachable, match="no identity token"):
        deploy_token(running.url, "field-plan", "production", environ=nobody)
