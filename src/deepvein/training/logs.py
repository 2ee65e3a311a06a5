"""The course of a training as CSV, and for TensorBoard if asked for."""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deepvein.core.errors import MissingExtraError
from deepvein.core.spreadsheet import write_csv

_log = logging.getLogger(__name__)


class CsvLog:
    """Rows under fixed columns, the first of which is the step; each row is on disk once written.

    Resumed at a step, it forgets the rows beyond it, which will come again, and what a computer that went down
    left in place of rows.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], step: int) -> None:
        kept: list[list[str]] = []
        if step and path.exists():
            with path.open(newline="", encoding="utf-8", errors="replace") as file:
                rows = csv.reader(line.replace("\0", "") for line in file)
                whole = [row for row in rows if len(row) == len(columns) and row[0].isdecimal()]
            kept = [row for row in whole if int(row[0]) <= step]
        write_csv(path, columns, kept)
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def write(self, *values: float | str) -> None:
        self._writer.writerow(values)
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class TensorBoardLog:
    """Scalars for TensorBoard; raises MissingExtraError where it is not installed."""

    def __init__(self, folder: Path, step: int) -> None:
        self.require()
        from torch.utils.tensorboard import SummaryWriter

        writer: Any = SummaryWriter
        self._writer = writer(log_dir=str(folder), purge_step=step + 1 if step else None)

    @staticmethod
    def require() -> None:
        if find_spec("tensorboard") is None:
            raise MissingExtraError("logging for TensorBoard", "train")

    def write(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


@dataclass(frozen=True)
class EpochReport:
    """What an epoch came to; nan where there was no validation.

    parts: the values whose mean is the score. left_s: seconds until all epochs are done.
    """

    step: int
    epoch: int
    epochs: int
    loss: float
    validation_loss: float
    score: float
    parts: tuple[float, ...]
    seconds: float
    left_s: float


class RunLog:
    """`steps.csv`, `epochs.csv` and perhaps `tensorboard/` in the folder of a run, from `step` on."""

    def __init__(self, folder: Path, step: int, tensorboard: bool) -> None:
        columns: tuple[str, ...] = ("step", "learning_rate", "loss", "seconds")
        self._steps = CsvLog(folder / "steps.csv", columns, step)
        columns = ("step", "epoch", "loss", "validation_loss", "score", "parts", "seconds")
        self._epochs = CsvLog(folder / "epochs.csv", columns, step)
        self._board = TensorBoardLog(folder / "tensorboard", step) if tensorboard else None

    def steps(self, step: int, learning_rate: float, loss: float, seconds: float) -> None:
        """The mean loss since the last row."""
        self._steps.write(step, learning_rate, loss, round(seconds, 1))
        if self._board is not None:
            self._board.write(step, {"loss/steps": loss, "learning rate": learning_rate})

    def epoch(self, report: EpochReport) -> None:
        parts = " ".join(f"{value:.6g}" for value in report.parts)
        self._epochs.write(
            report.step, report.epoch, report.loss, report.validation_loss, report.score, parts,
            round(report.seconds, 1),
        )  # fmt: skip
        if self._board is not None:
            self._board.write(
                report.step,
                {
                    "loss/epochs": report.loss,
                    "loss/validation": report.validation_loss,
                    "score": report.score,
                },
            )
        _log.info(
            "epoch %d of %d: loss %.4f, validation loss %.4f, score %.4f, %.0f min left",
            report.epoch, report.epochs, report.loss, report.validation_loss, report.score,
            report.left_s / 60,
        )  # fmt: skip

    def close(self) -> None:
        self._steps.close()
        self._epochs.close()
        if self._board is not None:
            self._board.close()
