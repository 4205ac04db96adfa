import base64
import json
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnout.secrets import mask_values

SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=6, max_size=40).filter(
    lambda text: len(text.strip()) >= 6
)


def mask(line: str, values: list[str]) -> str:
    for text in mask_values(values):
        line = line.replace(text, "***")
    return line


@given(SECRETS)
def test_a_secret_is_masked_however_programs_write_it(secret: str) -> None:
    for line in (
        secret,
        json.dumps({"key": secret}),
        json.dumps(secret, ensure_ascii=False),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        repr(secret),
        f"x{secret}y",
    ):
        assert secret not in mask(line, [secret])
        assert "***" in mask(line, [secret]), line


@given(SECRETS, st.text(string.ascii_letters, max_size=5), st.text(string.ascii_letters, max_size=5))
def test_a_secret_inside_base64_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert "***" in mask(encode(f"{before}{secret}{after}".encode()).decode(), [secret])


def test_short_values_are_left_alone() -> None:
    assert mask_values(["1", "true", "12345", ""]) == []


def test_the_longest_goes_first_so_that_no_tail_is_left() -> None:
    assert mask("token=abcdef-ghijkl", ["abcdef", "abcdef-ghijkl"]) == "token=***"


def test_a_key_of_several_lines_is_masked_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----"
    assert "MIIEvQIBADANBg" not in mask("line: MIIEvQIBADANBg", [key])


@pytest.mark.parametrize("value", ["äöüäöü", "pa ss/w+rd", 'quo"te\\back'])
def test_awkward_characters(value: str) -> None:
    assert mask(json.dumps([value]), [value]) == '["***"]'
