"""What was measured, as typed rows that are kept as files: tables and figures are drawn from these alone."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError
from deepvein.core.files import whole_file
from deepvein.core.spreadsheet import text_of, write_csv
from deepvein.evaluation.pixels import PixelTally

SLICES, PIXELS = "slices.csv", "pixels"
SPLITS = ("train", "validation", "test")

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class StudyPixels:
    """One study: the tally of its pixels against the drawn veins, and against the exact ones if known."""

    case: str
    patient: str
    split: str
    drawn: PixelTally
    exact: PixelTally | None

    def save(self, folder: Path) -> None:
        """Kept in `folder`/pixels, without the levels that no pixel has."""
        tallies = [self.drawn] if self.exact is None else [self.drawn, self.exact]
        counts = np.stack([tally.counts for tally in tallies])
        used = np.flatnonzero(counts.any(axis=(0, 1)))
        with whole_file(folder / PIXELS / f"{self.case}.npz", private=True) as made:
            np.savez_compressed(
                made,
                name=np.array((self.case, self.patient, self.split), dtype=np.str_),
                levels=np.int64(self.drawn.levels),
                used=used,
                counts=counts[..., used],
            )

    @classmethod
    def load(cls, path: Path) -> StudyPixels:
        """What `save` kept."""
        with np.load(path, allow_pickle=False) as kept:
            case, patient, split = kept["name"].tolist()
            counts = np.zeros((len(kept["counts"]), 2, int(kept["levels"])), dtype=np.int64)
            counts[..., kept["used"]] = kept["counts"]
        drawn, *exact = (PixelTally(each) for each in counts)
        return cls(case, patient, split, drawn, exact[0] if exact else None)


@dataclass(frozen=True)
class SegmentationResults:
    """A segmenter over the studies of all splits."""

    studies: tuple[StudyPixels, ...]

    def of(self, split: str) -> SegmentationResults:
        return SegmentationResults(tuple(one for one in self.studies if one.split == split))

    @property
    def patients(self) -> tuple[str, ...]:
        return tuple(one.patient for one in self.studies)

    def counts(self, truth: str = "drawn") -> NDArray[np.int64]:
        """(study, 2, level), as PixelTally has them; CohortError where the exact truth is not known."""
        tallies = [getattr(one, truth) for one in self.studies]
        if any(tally is None for tally in tallies):
            raise CohortError("the exact truth of this cohort is not known")
        stacked = [tally.counts for tally in tallies]
        return np.stack(stacked) if stacked else np.zeros((0, *PixelTally().counts.shape), np.int64)

    @property
    def knows_exact(self) -> bool:
        return bool(self.studies) and all(one.exact is not None for one in self.studies)

    def write_table(self, folder: Path) -> None:
        """studies.csv: the scores of each study."""
        rows = []
        for one in self.studies:
            both = one.drawn.overlap()
            scores = (both.dice, both.foreground_iou, one.drawn.auroc)
            rows.append((one.case, one.patient, one.split, *(f"{s:.6f}" for s in scores)))
        columns = ("case", "patient", "split", "dice", "foreground_iou", "auroc")
        write_csv(folder / "studies.csv", columns, rows, private=True)

    @classmethod
    def load(cls, folder: Path) -> SegmentationResults | None:
        """The studies that were kept, in the order of their names; None if there is none."""
        paths = sorted((folder / PIXELS).glob("*.npz"))
        return cls(tuple(StudyPixels.load(path) for path in paths)) if paths else None


@dataclass(frozen=True)
class SliceRow:
    """One classified slice. truth: as annotated; exact: as it is, or as annotated where nothing else is
    known; artefact: strength of mixing artefacts, 0 to 1, -1 where that is not known."""

    case: str
    patient: str
    split: str
    slice: int
    probability: float
    truth: int
    exact: int
    artefact: float


@dataclass(frozen=True)
class SliceResults:
    """A classifier over the slices of a cohort."""

    rows: tuple[SliceRow, ...]

    def of(self, split: str) -> SliceResults:
        return SliceResults(tuple(row for row in self.rows if row.split == split))

    @cached_property
    def probability(self) -> Floats:
        return np.array([row.probability for row in self.rows], dtype=np.float64)

    @cached_property
    def truth(self) -> Truths:
        return np.array([row.truth for row in self.rows], dtype=bool)

    @cached_property
    def exact(self) -> Truths:
        return np.array([row.exact for row in self.rows], dtype=bool)

    @cached_property
    def artefact(self) -> Floats:
        return np.array([row.artefact for row in self.rows], dtype=np.float64)

    @cached_property
    def patients(self) -> tuple[str, ...]:
        return tuple(row.patient for row in self.rows)

    @cached_property
    def cases(self) -> tuple[str, ...]:
        return tuple(row.case for row in self.rows)

    @property
    def knows_artefacts(self) -> bool:
        return bool(len(self.rows)) and bool((self.artefact >= 0).all())

    def save(self, folder: Path, name: str = SLICES) -> None:
        rows = (
            (
                row.case,
                row.patient,
                row.split,
                row.slice,
                f"{row.probability:.7f}",
                row.truth,
                row.exact,
                f"{row.artefact:.4f}",
            )
            for row in self.rows
        )
        write_csv(folder / name, tuple(SliceRow.__dataclass_fields__), rows, private=True)

    @classmethod
    def load(cls, folder: Path, name: str = SLICES) -> SliceResults | None:
        """What `save` kept, None if there is nothing."""
        path = folder / name
        if not path.exists():
            return None
        with path.open(newline="", encoding="utf-8") as file:
            return cls(tuple(_row(values) for values in csv.DictReader(file)))


def _row(values: dict[str, str]) -> SliceRow:
    return SliceRow(
        text_of(values["case"]),
        text_of(values["patient"]),
        values["split"],
        int(values["slice"]),
        float(values["probability"]),
        int(values["truth"]),
        int(values["exact"]),
        float(values["artefact"]),
    )


def averaged(results: Sequence[SliceResults]) -> SliceResults:
    """The mean probability of several classifiers for each slice that all have judged, as the first has
    them in order. CohortError for no classifier."""
    if not results:
        raise CohortError("an ensemble needs one model or more")
    known: Iterable[dict[tuple[str, int], float]] = [
        {(row.case, row.slice): row.probability for row in one.rows} for one in results
    ]
    tables = list(known)
    rows = []
    for row in results[0].rows:
        said = [table.get((row.case, row.slice)) for table in tables]
        present = [value for value in said if value is not None]
        if len(present) == len(tables):
            mean = float(np.mean(present))
            rows.append(SliceRow(row.case, row.patient, row.split, row.slice, mean,
                                 row.truth, row.exact, row.artefact))  # fmt: skip
    return SliceResults(tuple(rows))
