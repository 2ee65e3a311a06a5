"""Logs go on where a resumed training goes on."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from deepvein.core.errors import MissingExtraError
from deepvein.training.logs import CsvLog, EpochReport, RunLog, TensorBoardLog


def test_rows_beyond_the_step_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    log = CsvLog(path, ("step", "loss"), 0)
    for step in (2, 4, 6):
        log.write(step, step / 10)
    log.close()
    with path.open("a") as file:
        file.write("8,0")  # cut off by the end of the process
    log = CsvLog(path, ("step", "loss"), 4)
    log.write(6, 0.7)
    log.close()
    assert path.read_text().split() == ["step,loss", "2,0.2", "4,0.4", "6,0.7"]


def test_what_is_no_row_is_forgotten(tmp_path: Path) -> None:
    """As a computer leaves it whose power failed: zeros, or bytes of another file, in place of rows."""
    path = tmp_path / "log.csv"
    path.write_bytes(b"step,loss\n2,0.2\n\0\0\0\0\n4,0.4\n\xff\xfe,x\nx,0.5\n")
    CsvLog(path, ("step", "loss"), 4).close()
    assert path.read_text().split() == ["step,loss", "2,0.2", "4,0.4"]


def test_a_new_training_begins_a_new_log(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,loss\n2,0.1\n")
    CsvLog(path, ("step", "loss"), 0).close()
    assert path.read_text().split() == ["step,loss"]


def test_an_epoch_is_told_in_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    report = EpochReport(
        step=10, epoch=2, epochs=5, loss=0.5, validation_loss=0.25, score=0.75, parts=(0.5, 1.0),
        seconds=60.0, left_s=90.0,
    )  # fmt: skip
    log = RunLog(tmp_path, 0, tensorboard=False)
    with caplog.at_level(logging.INFO):
        log.epoch(report)
    log.close()
    assert "epoch 2 of 5: loss 0.5000" in caplog.text
    assert "2 min left" in caplog.text
    assert (tmp_path / "epochs.csv").read_text().splitlines()[1] == "10,2,0.5,0.25,0.75,0.5 1,60.0"


def test_tensorboard_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvein.training.logs.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"deepvein\[train\]"):
        TensorBoardLog.require()
