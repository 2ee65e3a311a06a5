import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from deepvein.core.errors import UsageError
from deepvein.core.plugins import VARIABLE, ask_for, load_plugins
from deepvein.core.registry import Registry


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr("deepvein.core.plugins._taken", set())
    monkeypatch.setattr(sys, "path", list(sys.path))


def plugin(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_a_file_is_imported_when_a_registry_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fruits: Registry[int] = Registry("fruit")
    monkeypatch.setitem(sys.modules, "shelf", SimpleNamespace(FRUITS=fruits))
    name = plugin(
        tmp_path / "own_fruit.py",
        "from shelf import FRUITS\nassert 'plum' not in FRUITS\nFRUITS.add('plum', 7)\n",
    )
    ask_for((name,))
    assert fruits.get("plum") == 7
    load_plugins()
    assert fruits.names() == ("plum",)


def test_other_processes_import_it_too_and_unpickle_what_it_defines(tmp_path: Path) -> None:
    name = plugin(tmp_path / "own_kind.py", "class Kind:\n    pass\n")
    ask_for((name,))
    load_plugins()
    code = "from deepvein.core.plugins import load_plugins; load_plugins(); import own_kind"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    import own_kind  # type: ignore[import-not-found]

    assert own_kind.Kind.__module__ == "own_kind"


def test_a_module_goes_by_its_name(tmp_path: Path) -> None:
    plugin(tmp_path / "own_module_of_fruit.py", "")
    sys.path.append(str(tmp_path))
    ask_for(("own_module_of_fruit",))
    load_plugins()
    assert "own_module_of_fruit" in sys.modules
    assert os.environ[VARIABLE] == "own_module_of_fruit"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("own_error.py", "1 / 0", "ZeroDivisionError"),
        ("own_syntax.py", "def", "SyntaxError"),
        ("json.py", "", "call it otherwise"),
    ],
)
def test_what_cannot_be_imported_is_told_each_time(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    ask_for((plugin(tmp_path / name, text),))
    for _ in range(2):
        with pytest.raises(UsageError, match=told):
            load_plugins()


def test_a_file_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        ask_for((str(tmp_path / "missing.py"),))
    assert not os.environ[VARIABLE]


def test_a_name_of_ours_is_not_taken_over_before_it_is_used() -> None:
    shelf: Registry[int] = Registry("book", {"bible": "deepvein.no_such_module"})
    with pytest.raises(UsageError, match="registered twice"):
        shelf.add("bible", 1)
