import pytest

from turnout.core.links import leads_out


@pytest.mark.parametrize(
    ("link", "target"), [("a", "b"), ("a", "b/c"), ("x/a", "../b"), ("x/y/a", "../../b"), ("x/a", ".."), ("a", "./b")]
)
def test_inside(link: str, target: str) -> None:
    assert not leads_out(link, target)


@pytest.mark.parametrize(
    ("link", "target"), [("a", "/etc"), ("a", ".."), ("x/a", "../../b"), ("x/a", "b/../../c"), ("a", "b/../c")]
)
def test_out(link: str, target: str) -> None:
    assert leads_out(link, target)
