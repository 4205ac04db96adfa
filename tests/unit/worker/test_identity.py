from pathlib import Path

from turnout.worker.identity import other_identities, take_identity


def test_identity_survives_a_restart(tmp_path: Path) -> None:
    first = take_identity(tmp_path, "default")
    first.release()
    again = take_identity(tmp_path, "default")
    assert again.worker_id == first.worker_id
    again.release()


def test_workers_beside_each_other_differ(tmp_path: Path) -> None:
    held = [take_identity(tmp_path, pool) for pool in ("default", "default", "heavy")]
    assert len({identity.worker_id for identity in held}) == 3
    for identity in held:
        identity.release()


def test_identities_of_dead_workers_are_taken_over(tmp_path: Path) -> None:
    mine, other, third = (take_identity(tmp_path, "default") for _ in range(3))
    assert other_identities(tmp_path, "default", mine) == []
    other.release()
    [found] = other_identities(tmp_path, "default", mine)
    assert found.worker_id == other.worker_id
    for identity in (mine, found, third):
        identity.release()


def test_damaged_file_gets_a_fresh_id(tmp_path: Path) -> None:
    (tmp_path / "worker.default.id").write_text("garbage")
    identity = take_identity(tmp_path, "default")
    assert len(identity.worker_id) == 32
    identity.release()
