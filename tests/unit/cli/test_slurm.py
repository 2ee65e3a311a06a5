"""A queue of SLURM's whose sbatch notes what it is given; that a job goes on is shown in test_preempted.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deepvein.cli.slurm import Command, Resources, partition_of, submit, without
from deepvein.core.errors import MissingExtraError, UsageError, WorkerError

SBATCH = """#!/bin/sh
cp "$1" {noted}
echo Submitted batch job 4242
"""


def program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o700)


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What sbatch was given."""
    pytest.importorskip("submitit", reason="needs submitit")
    program(tmp_path / "bin" / "sbatch", SBATCH.format(noted=tmp_path / "noted"))
    program(tmp_path / "bin" / "srun", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path / "noted"


def test_a_job_asks_for_what_it_needs(noted: Path, tmp_path: Path) -> None:
    wanted = Resources(nodes=2, processes=4, gpus=4, hours=1.5, partition="gpu-long")
    job = submit(Command(("train", "a")), tmp_path / "run", wanted)
    assert job.job_id == "4242"
    assert (tmp_path / "run" / "4242_submitted.pkl").exists()
    lines = noted.read_text().splitlines()
    for option in (
        "nodes=2", "ntasks-per-node=4", "gpus-per-node=4", "time=90", "partition=gpu-long",
        "job-name=deepvein", "signal=USR2@90",
    ):  # fmt: skip
        assert f"#SBATCH --{option}" in lines
    assert any(line.startswith("srun ") and "submitit.core._submit" in line for line in lines)


def test_without_a_wish_no_gpu_and_no_partition_is_named(noted: Path, tmp_path: Path) -> None:
    submit(Command(("train", "a")), tmp_path / "run", Resources())
    text = noted.read_text()
    assert "gpus" not in text
    assert "partition" not in text
    assert "--time=1440" in text


def test_a_refusal_is_told(noted: Path, tmp_path: Path) -> None:
    del noted
    program(tmp_path / "bin" / "sbatch", "#!/bin/sh\necho invalid partition >&2; exit 1\n")
    with pytest.raises(WorkerError, match="SLURM refused the job: .*invalid partition"):
        submit(Command(("train", "a")), tmp_path / "run", Resources(partition="none"))


def test_what_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    pytest.importorskip("submitit", reason="needs submitit")
    with pytest.raises(UsageError, match="this machine has no sbatch and srun"):
        submit(Command(("train", "a")), tmp_path, Resources())
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(MissingExtraError, match=r"--cluster slurm needs .*deepvein\[slurm\]"):
        submit(Command(("train", "a")), tmp_path, Resources())


def test_partitions() -> None:
    assert partition_of("slurm") is None
    assert partition_of("slurm:gpu-long") == "gpu-long"
    for text in ("slurm:", "slurm: a", "local:2", "ray://a:1"):
        with pytest.raises(UsageError, match="give slurm or slurm:PARTITION"):
            partition_of(text)


def test_options_are_taken_away_in_both_spellings() -> None:
    given = ("train", "a", "--cluster", "slurm:b", "--out", "c", "--hours=3", "--resume")
    assert without(given, "--cluster", "--hours") == ("train", "a", "--out", "c", "--resume")


def test_a_command_runs_under_its_own_name_and_tells_how_it_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["submitit"])
    Command(("recipes",))()
    assert sys.argv == ["deepvein", "recipes"]
    assert "huang2019/gn-unet" in capsys.readouterr().out
    with pytest.raises(WorkerError, match="deepvein train ended with exit code 2"):
        Command(("train", "nothing-like-it", "--cohort", "."))()
