from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deepvein.core.errors import OutputError, UsageError
from deepvein.core.sole_use import sole_use

PROGRAM = """
import sys, pathlib
from deepvein.core.sole_use import sole_use
with sole_use(pathlib.Path(sys.argv[1])): pass
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no locks of folders")
def test_a_second_process_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    def other() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "run")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    with sole_use(tmp_path / "run"):
        (tmp_path / "run" / "file").touch()
        assert "another process works in" in other().stderr
        with pytest.raises(UsageError, match="choose another folder"), sole_use(tmp_path / "run"):
            pass
    assert other().returncode == 0
    assert (tmp_path / "run" / "file").exists()


def test_a_folder_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with pytest.raises(KeyError), sole_use(tmp_path / "a"):
        raise KeyError
    assert not (tmp_path / "a").exists()
    (tmp_path / "there").mkdir()
    with sole_use(tmp_path / "there"):
        pass
    assert (tmp_path / "there").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"), sole_use(tmp_path / "file" / "run"):
        pass
