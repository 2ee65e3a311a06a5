"""What `make demo` makes and finds, made once for all tests and all processes that run them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from typer.testing import CliRunner

from deepvein.cli.main import app

STUDIES = ("ct", "mr")
SEED = 23


@dataclass(frozen=True)
class Demo:
    """folder: with `ct`, `mr`, their results in `results`, and a file that is no image, screened with them.
    exit_code, output: of the screening."""

    folder: Path
    exit_code: int
    output: str

    @property
    def results(self) -> Path:
        return self.folder / "results"


def demo(folder: Path) -> Demo:
    """The demo in `folder`, made by whoever comes first; the others wait for it."""
    done = folder / "done.json"
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            done.write_text(json.dumps(_make(folder)))
    return Demo(folder, **json.loads(done.read_text()))


def _make(folder: Path) -> dict[str, object]:
    runner = CliRunner()
    for name in STUDIES:
        out = str(folder / name)
        made = runner.invoke(app, ["phantom", name, "--seed", str(SEED), "--dvt", "--out", out])
        assert made.exit_code == 0, made.output
    broken = folder / "broken.nii.gz"
    broken.write_bytes(b"not an image")
    given = (broken, *(folder / name for name in STUDIES))
    # What other engines give depends on the processor.
    options = ("--device", "cpu", "--engine", "torch", "--out", folder / "results")
    screened = runner.invoke(app, ["screen", *map(str, (*given, *options))])
    return {"exit_code": screened.exit_code, "output": screened.output}
