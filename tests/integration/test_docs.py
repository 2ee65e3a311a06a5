"""What the README and the guide say is so: commands parse, targets exist, snippets compile, links lead on."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from deepvein.cli.main import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
GENERATED = DOCS / "commands.md"
WRITTEN = [page for page in PAGES if page != GENERATED]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def blocks(language: str) -> list[object]:
    """Every fenced block in a language, under a name that tells the page and the number."""
    found = []
    for page in WRITTEN:
        texts = [text for name, text in _BLOCK.findall(page.read_text()) if name == language]
        found += [
            pytest.param(page, text, id=f"{page.stem}-{number}")
            for number, text in enumerate(texts, 1)
        ]
    return found


def parse(arguments: list[str]) -> None:
    """Let the command line read the arguments without running anything; usage errors are raised."""
    command = typer.main.get_command(app)
    names = ["deepvein"]
    if arguments[:1] == ["--import"]:
        arguments = arguments[2:]
    while hasattr(command, "commands") and arguments and not arguments[0].startswith("-"):
        names.append(arguments[0])
        assert arguments[0] in command.commands, f"there is no command {' '.join(names)}"
        command, arguments = command.commands[arguments[0]], arguments[1:]
    assert not hasattr(command, "commands") or arguments, f"{' '.join(names)} alone does nothing"
    command.make_context(" ".join(names), list(arguments))


@pytest.mark.parametrize(("page", "text"), blocks("sh"))
def test_commands_parse_and_targets_exist(page: Path, text: str) -> None:
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    checked = 0
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["deepvein"]:
            parse(words[1:])
            checked += 1
        elif words[:1] == ["make"]:
            assert set(words[1:]) <= set(targets), line
            checked += 1
    assert checked or "pip install" in text, (
        f"nothing in this block of {page.name} could be checked"
    )


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_compiles_and_every_name_of_ours_exists(page: Path, text: str) -> None:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deepvein"):
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                assert hasattr(module, alias.name), f"{page.name}: {node.module}.{alias.name}"
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "deepvein"
        ):
            assert hasattr(importlib.import_module("deepvein"), node.attr), (
                f"{page.name}: {node.attr}"
            )


def test_the_network_of_the_guide_passes_its_test(tmp_path: Path) -> None:
    """Both files as the page shows them, and the commands that list what the first one adds."""
    page = (ROOT / "docs" / "adding-a-network.md").read_text()
    files = [text.partition("\n") for name, text in _BLOCK.findall(page) if name == "python"]
    for first, _, rest in files:
        (tmp_path / first.removeprefix("# ")).write_text(rest)
    assert len((tmp_path / "my_net.py").read_text().splitlines()) < 80
    for arguments in (
        ["pytest", "-q", "-p", "no:cacheprovider", "test_my_net.py"],
        ["deepvein", "--import", "my_net.py", "recipes"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "me/my-net" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    for target in _LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_page_of_commands_is_that_of_the_commands(tmp_path: Path) -> None:
    """`make docs` writes it; this is the same command into another file."""
    made = tmp_path / "commands.md"
    arguments = [
        "utils",
        "docs",
        "--name",
        "deepvein",
        "--title",
        "Commands",
        "--output",
        str(made),
    ]
    subprocess.run(
        [sys.executable, "-m", "typer", "deepvein.cli.main", *arguments],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    assert made.read_text() == GENERATED.read_text(), "run `make docs`"


def test_the_page_of_parts_is_that_of_the_registries() -> None:
    made = subprocess.run(
        [sys.executable, "docs/parts.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert made.stdout == (ROOT / "docs" / "parts.md").read_text(), "run `make docs`"


def test_exit_codes_in_the_readme_are_those_of_the_errors() -> None:
    from deepvein.core import errors

    text = (ROOT / "README.md").read_text()
    kinds = (
        errors.UsageError,
        errors.InputError,
        errors.NothingToScreenError,
        errors.DeepveinError,
    )
    meanings = ("bad usage", "bad input", "nothing to screen", "internal error")
    for kind, meaning in zip(kinds, meanings, strict=True):
        assert f"| {kind.exit_code} | {meaning} |" in text


def test_the_guide_shows_what_the_demo_runs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^\t\$\(BIN\)/(deepvein .*)$", makefile, re.MULTILINE)
    guide = (ROOT / "docs" / "getting-started.md").read_text()
    assert len(commands) == 3
    for line in commands:
        assert line in guide
        parse(shlex.split(line)[1:])


def test_the_pages_are_small_enough_for_a_clone() -> None:
    kept = [path for path in DOCS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < 4_000_000


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.svg")), ids=lambda path: path.name)
def test_no_drawing_wraps_a_bitmap(path: Path) -> None:
    assert "<image" not in path.read_text(encoding="utf-8")
