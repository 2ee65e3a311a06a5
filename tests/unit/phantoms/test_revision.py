from __future__ import annotations

from pathlib import Path

from deepvein.phantoms.revision import digest_of, revision


def test_the_revision_follows_names_and_lines(tmp_path: Path) -> None:
    (tmp_path / "rooms").mkdir()
    path = tmp_path / "rooms" / "a.py"
    seen = []
    for lines in (b"a = 1\n", b"a = 2\n", b"a = 2\r\n"):
        path.write_bytes(lines)
        seen.append(digest_of(tmp_path, ("**/*.py", "rooms/*.py")))
    path.rename(tmp_path / "rooms" / "b.py")
    seen.append(digest_of(tmp_path, ("rooms/*.py",)))
    assert seen[1] == seen[2]
    assert len(set(seen)) == 3


def test_the_generator_has_one() -> None:
    assert len(revision()) == 16
    assert revision() != digest_of(Path(__file__).parent, ("nothing",))
