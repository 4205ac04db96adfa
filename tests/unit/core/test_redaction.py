from turnout.core.redaction import MASK, redact


def test_every_secret_is_blotted_out_wherever_it_stands() -> None:
    assert redact("a=k3y-long, b=k3y, k3yk3y", ["k3y-long", "k3y"]) == f"a={MASK}, b={MASK}, {MASK}{MASK}"


def test_without_secrets_a_text_stays_as_it_is() -> None:
    assert redact("text", []) == "text"
