"""The contract of the house: who may import whom, and which commands and rooms stay free of torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIGHT_ROOMS = (
    "core",
    "anatomy",
    "volumes",
    "studies",
    "cohorts",
    "phantoms",
    "findings",
    "evaluation",
    "reports",
    "screening",
    "node",
    "cli",
    "networks",
    "examples",
    "training",
    "inference",
)
"""Packages whose own `__init__` must not import torch; the last four compute with it in modules."""

_COMMAND_LINE = {
    "annotated_doc",
    "attr",
    "click",
    "colorama",
    "deepvein",
    "markdown_it",
    "mdurl",
    "pygments",
    "rich",
    "shellingham",
    "typer",
    "typing_extensions",
}
"""What `deepvein --help` may import beside the standard library: typer, rich and what they bring along."""

_COUNT = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    if "torch" in sys.modules:
        raise SystemExit(f"{name} imports torch")
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def modules_of(room: str) -> list[str]:
    """Every module of a room, the package itself first; a script that Alembic runs is none."""
    source = ROOT / "src"
    scripts = {source / "deepvein/node/database/migrations/env.py"}
    paths = sorted(set((source / "deepvein" / room).rglob("*.py")) - scripts)
    names = (".".join(path.relative_to(source).with_suffix("").parts) for path in paths)
    return sorted(name.removesuffix(".__init__") for name in names)


def test_import_contracts_hold() -> None:
    done = python("-c", "from importlinter.cli import lint_imports_command as run; run()")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("room", LIGHT_ROOMS)
def test_opening_a_room_does_not_import_torch(room: str) -> None:
    done = python("-c", _COUNT, f"deepvein.{room}")
    assert done.returncode == 0, done.stderr


def test_rooms_beside_the_networks_never_import_torch() -> None:
    """Importing every module of every room but the four that compute."""
    rooms = LIGHT_ROOMS[:-4]
    done = python("-c", _COUNT, *(name for room in rooms for name in modules_of(room)))
    assert done.returncode == 0, done.stderr


def test_the_public_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, deepvein; dir(deepvein); "
        "heavy = {'torch', 'numpy', 'SimpleITK', 'pydicom', 'rich'} & set(sys.modules); "
        "raise SystemExit(', '.join(heavy) or None)"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_help_imports_the_command_line_and_nothing_else() -> None:
    """Start-up is watched by what is imported, which is the same on a fast and on a busy machine."""
    code = (
        "import runpy, sys\nbare = set(sys.modules)\nsys.argv = ['deepvein', '--help']\n"
        "try: runpy.run_module('deepvein', run_name='__main__', alter_sys=True)\n"
        "except SystemExit: pass\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - bare}\n"
        "print(*sorted(new - sys.stdlib_module_names), file=sys.stderr)"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "Screen the legs" in done.stdout
    imported = set(done.stderr.split())
    assert "deepvein" in imported
    assert imported <= _COMMAND_LINE, sorted(imported - _COMMAND_LINE)
