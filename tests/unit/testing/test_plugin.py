"""The pytest plugin, in a pytest of its own: it comes with the installation."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

FLOWS = """
from turnout import Variable, flow, secret, task

@task(retries=1, retry_delay_seconds=3600)
def fetch(tries=[]):
    tries.append(1)
    if len(tries) == 1:
        raise ConnectionError("away")
    return secret("van").api_key

@flow
def nightly():
    return fetch() * Variable.get("copies")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(flows=FLOWS)
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def turnout_variables():
            return {"copies": 2}

        @pytest.fixture
        def turnout_secrets():
            return {"van": {"api_key": "k"}}
        """
    )
    return pytester


def test_a_flow_is_tested_with_fake_time_variables_and_secrets(project: pytest.Pytester):
    project.makepyfile(
        """
        from flows import nightly

        def test_nightly(turnout_harness, turnout_clock):
            assert nightly() == "kk"
            turnout_harness.run.assert_state("completed")
            assert turnout_clock.waits == [3600]
        """
    )
    project.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_failed_test_shows_its_runs(project: pytest.Pytester):
    project.makepyfile(
        """
        from flows import nightly

        def test_nightly(turnout_harness, turnout_clock):
            nightly()
            assert False

        def test_without(request):
            assert False
        """
    )
    result = project.runpytest_subprocess("-q")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*Turnout run*",
            "flow 'nightly' (*): Completed",
            "  task fetch: Running > AwaitingRetry > Running > Completed*",
        ]
    )


def test_a_project_without_flows_pays_nothing(pytester: pytest.Pytester):
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            loaded = [name for name in sys.modules if name.startswith("turnout.")]
            assert sorted(loaded) == ["turnout.testing", "turnout.testing.plugin"]
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_the_plugin_is_named_in_the_installation():
    program = (
        "import importlib.metadata as m; print([e.value for e in m.entry_points(group='pytest11', name='turnout')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['turnout.testing.plugin']"
