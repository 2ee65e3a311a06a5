from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.foldercache import GIGABYTE, FolderCache, user_cache
from deepvein.core.errors import SettingsError


def filled(size: int = 100):
    def make(folder: Path) -> None:
        (folder / "file").write_bytes(b"x" * size)

    return make


def ages(cache: FolderCache, keys: str) -> None:
    """Let the folders be used one second after another, long ago."""
    for second, key in enumerate(keys):
        os.utime(cache.root / key, (1_000_000 + second, 1_000_000 + second))


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path / "new", 1000)
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        filled()(folder)

    assert cache.folder("a", make) == cache.folder("a", make) == tmp_path / "new" / "a"
    assert len(made) == 1
    assert cache.bytes == 100
    assert [path.name for path in cache.root.iterdir()] == ["a"]


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, 300)
    for key in "abc":
        cache.folder(key, filled())
    ages(cache, "abc")
    cache.folder("a", filled())
    cache.folder("d", filled())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c", "d"]
    assert cache.bytes <= 300


def test_what_was_just_asked_for_stays_even_if_it_is_too_large(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, 150)
    for key in "ab":
        assert (cache.folder(key, filled(1000)) / "file").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    ages(cache, "a")
    cache.trim()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_folder_that_failed_is_not_there(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_bytes(b"x")
        raise ValueError("no")

    cache = FolderCache(tmp_path, 1000)
    with pytest.raises(ValueError, match="no"):
        cache.folder("a", fail)
    assert not list(tmp_path.iterdir())


def test_files_that_are_mapped_stay_readable(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, 100)
    mapped = np.memmap(cache.folder("a", filled()) / "file", mode="r")
    ages(cache, "a")
    cache.folder("b", filled())
    if os.name != "nt":
        assert not (tmp_path / "a").exists()
    assert (mapped == ord("x")).all()


def test_what_killed_processes_left_goes_in_the_end(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, 1000)
    old, new = tmp_path / ".a.1-1.partial", tmp_path / ".b.1-1.partial"
    for path in (old, new):
        path.mkdir()
        (path / "file").write_bytes(b"x" * 900)
    os.utime(old, (1_000_000, 1_000_000))
    cache.trim()
    assert not old.exists()
    assert new.exists()


def test_two_processes_make_a_folder_once(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from deepvein.cohorts.foldercache import FolderCache
def make(folder):
    print("made", flush=True)
    time.sleep(0.5)
    (folder / "file").write_bytes(b"x")
print((FolderCache(Path(sys.argv[1]), 1000).folder("a", make) / "file").exists())
"""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = "".join(run.communicate()[0] for run in runs)
    assert said.count("True") == 2
    assert said.count("made") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_users_cache_is_where_they_say_and_as_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPVEIN_CACHE", str(tmp_path / "here"))
    monkeypatch.setenv("DEEPVEIN_CACHE_GB", "0.5")
    assert user_cache() == FolderCache(tmp_path / "here" / "cases", GIGABYTE // 2)
    monkeypatch.delenv("DEEPVEIN_CACHE_GB")
    assert 0 < user_cache().most_bytes <= 50 * GIGABYTE
    for wrong in ("much", "-1", "nan"):
        monkeypatch.setenv("DEEPVEIN_CACHE_GB", wrong)
        with pytest.raises(SettingsError, match=wrong):
            user_cache()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the folders of Linux")
def test_on_linux_it_lies_where_the_desktop_puts_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEEPVEIN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache().root == tmp_path / "deepvein" / "cases"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert user_cache().root == Path.home() / ".cache" / "deepvein" / "cases"


def test_use_is_remembered(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, 1000)
    cache.folder("a", filled())
    ages(cache, "a")
    before = (tmp_path / "a").stat().st_mtime
    cache.folder("a", filled())
    assert (tmp_path / "a").stat().st_mtime > before
