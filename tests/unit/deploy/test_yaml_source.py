import time
from pathlib import Path

import pytest

from turnout.core.limits import MANIFEST_BYTES
from turnout.deploy.problems import Problems
from turnout.deploy.yaml_source import NODES, parse_yaml, read_yaml


def read(text: str) -> object:
    problems = Problems()
    node = parse_yaml(text, "turnout.yaml", problems)
    assert not problems.errors, problems.errors
    assert node is not None
    return node.plain()


def refused(text: str) -> str:
    problems = Problems()
    assert parse_yaml(text, "turnout.yaml", problems) is None
    (error,) = problems.errors
    assert error.fix
    return f"{error.where}: {error.what}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-3", -3), ("0", 0), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("true", True), ("False", False),
        ("null", None), ("~", None), ("", None),
        # What YAML 1.1 makes something else of, to everybody's surprise:
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("02134", "02134"), ("5:30", "5:30"), ("2026-11-03", "2026-11-03"),
        ("1_000", "1_000"), ("0x1f", "0x1f"), (".inf", ".inf"), (".nan", ".nan"), ("1e999", "1e999"),
        ("1234567890123456789012", "1234567890123456789012"),
        ('"12"', "12"), ("'true'", "true"), ("!!str 12", "12"),
    ],
)  # fmt: skip
def test_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    found = read(f"key: {text}\n")
    assert found == {"key": value}
    assert type(found["key"]) is type(value)


def test_every_value_and_key_knows_its_place() -> None:
    node = parse_yaml("a:\n  b: [1,\n      2]\n", "turnout.yaml", Problems())
    b = node.data["a"].data["b"]
    assert (node.at, b.named_at, b.at) == ("turnout.yaml:1:1", "turnout.yaml:2:3", "turnout.yaml:2:6")
    assert b.data[1].at == "turnout.yaml:3:7"


def test_anchors_and_merges_work_and_own_keys_win() -> None:
    text = "base: &base {retries: 1, timeout: 5m}\nload: {<<: *base, retries: 2}\nlist: &l [1]\nagain: *l\n"
    assert read(text) == {
        "base": {"retries": 1, "timeout": "5m"},
        "load": {"retries": 2, "timeout": "5m"},
        "list": [1],
        "again": [1],
    }


def test_a_merge_of_several_takes_the_first() -> None:
    assert read("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n")["c"] == {"x": 1, "y": 2}


def test_duplicate_keys_are_each_reported_with_the_first() -> None:
    problems = Problems()
    parse_yaml("a: 1\nb: 2\na: 3\nb: 4\n", "turnout.yaml", problems)
    assert [(e.where, e.what) for e in problems.errors] == [
        ("turnout.yaml:3:1", "'a' is here twice; first at turnout.yaml:1:1"),
        ("turnout.yaml:4:1", "'b' is here twice; first at turnout.yaml:2:1"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "turnout.yaml:1:1: the file is empty"),
        ("# a remark\n", "turnout.yaml:1:1: the file is empty"),
        ("a: !!python/object/apply:os.system [id]", "turnout.yaml:1:4: the tag tag:yaml.org,2002:python/object"),
        ("a: !Ref x", "turnout.yaml:1:4: the tag !Ref is not supported"),
        ("a: *nowhere", "turnout.yaml:1:4: the alias *nowhere is not known here"),
        ("a: &x [*x]", "turnout.yaml:1:8: the alias *x is not known here"),
        ("---\na: 1\n---\nb: 2\n", "turnout.yaml:3:1: a second document begins here"),
        ("a: b: c", "turnout.yaml:1:5: this is not YAML"),
        ("a: [1, 2\nb: 3", "turnout.yaml:2:2: this is not YAML"),
        ("a: [1, 2\n", "turnout.yaml:1:4: this is not YAML"),
        ("[a]: 1", "turnout.yaml:1:1: a key must be text"),
        ("a: " + "[" * 500, "nested deeper than 40 levels"),
        ("a: \x07", "turnout.yaml:1:4: a control character"),
        ("<<: 5", "`<<` needs a mapping"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused_with_its_place(text: str, message: str) -> None:
    assert message in refused(text)


def test_the_fix_fits_the_mistake() -> None:
    fixes = {}
    for text in ("p: {code: ${var:code}}", "a:\n\tb: 1", "a: b: c"):
        problems = Problems()
        parse_yaml(text, "turnout.yaml", problems)
        fixes[text] = problems.errors[0].fix
    assert fixes["p: {code: ${var:code}}"] == 'inside { } and [ ] put quotes around "${var:name}"'
    assert "spaces, not tabs" in fixes["a:\n\tb: 1"]
    assert "indentation" in fixes["a: b: c"]


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for above, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{above}'] * 9)}]")
    started = time.process_time()
    assert f"more than {NODES:,} values" in refused("\n".join(lines))
    assert time.process_time() - started < 2


def test_a_bomb_of_merges_is_refused_before_it_goes_off() -> None:
    lines = ["a: &a {k: [" + ", ".join("x" * 1000) + "]}"]
    for above, name in zip("abcdefgh", "bcdefghi", strict=True):
        merged = ", ".join(f"k{number}: *{above}" for number in range(9))
        lines.append(f"{name}: &{name} {{<<: *{above}, {merged}}}")
    assert f"more than {NODES:,} values" in refused("\n".join(lines))


def test_a_hundred_thousand_lines_are_refused_with_a_line() -> None:
    text = "deployments:\n" + "".join(f"  d{number}: {{flow: a.py:f}}\n" for number in range(100_000))
    assert refused(text).startswith("turnout.yaml:25001:11: ")
    assert f"more than {NODES:,} values" in refused(text)


@pytest.mark.parametrize(
    "tag",
    ["!!python/object:os.system", "!!python/object/apply:os.system", "!!python/name:os.system", "!include", "!!binary"],
)
def test_tags_make_nothing(tag: str) -> None:
    assert "is not supported" in refused(f"a: {tag} [echo]")


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_bytes(b"a: " + b"x" * MANIFEST_BYTES)
    problems = Problems()
    assert read_yaml(tmp_path / "turnout.yaml", "turnout.yaml", problems) is None
    assert "larger than 2,000,000 bytes" in problems.errors[0].what


def test_bytes_that_are_no_text_are_named_by_line(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_bytes(b"a: 1\nb: \xff\n")
    problems = Problems()
    assert read_yaml(tmp_path / "turnout.yaml", "turnout.yaml", problems) is None
    assert problems.errors[0].where == "turnout.yaml:2:1"


def test_a_missing_file_is_an_error_not_an_exception(tmp_path: Path) -> None:
    problems = Problems()
    assert read_yaml(tmp_path / "turnout.yaml", "turnout.yaml", problems) is None
    assert "cannot be read" in problems.errors[0].what


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_text("\ufeffproject: x\n", encoding="utf-8")
    assert read_yaml(tmp_path / "turnout.yaml", "turnout.yaml", Problems()).plain() == {"project": "x"}
