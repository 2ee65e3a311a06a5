"""A cohort: the table of labelled cases that training and evaluation read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.promised import is_available
from deepvein.cohorts.table import case_of_row, read_rows, row_of_case, write_rows
from deepvein.core.errors import CohortError
from deepvein.studies.location import absence
from deepvein.studies.study import Modality

TABLES = ("cohort.csv", "cohort.parquet")
"""Names under which a folder's table is looked for, in this order."""


@dataclass(frozen=True)
class Cohort:
    """Cases in the order of the table; `root` is the folder that their paths are relative to on disk.

    What is derived from the cases (indices, shrunken copies) is cached in `root/.cache`.
    """

    root: Path
    cases: tuple[Case, ...]

    @classmethod
    def load(cls, location: Path) -> Cohort:
        """Read a table (.csv or .parquet), or a folder that holds `cohort.csv` or `cohort.parquet`.

        Raises CohortError for a missing table, unknown columns and an empty table; else one that lists all
        rows with values that cannot be read, with a case name given before, be it in other capitals, or
        with files that neither exist nor are promised (`cohorts.promised`).
        """
        table = _table_of(Path(location))
        root = table.parent.resolve()
        cases: list[Case] = []
        wrong = []
        names: dict[str, str] = {}
        seen: set[str] = set()
        for number, row in read_rows(table):
            try:
                case = case_of_row(row, root)
            except CohortError as error:
                wrong.append(f"row {number}: {error}")
                continue
            first = names.setdefault(case.case.casefold(), case.case)
            if case.case in seen:
                wrong.append(f"row {number}: the case {case.case!r} is listed more than once")
            elif first != case.case:
                wrong.append(
                    f"row {number}: the case {case.case!r} is called as {first!r} but for capitals, which do "
                    "not count in names of files on many systems: results of one would replace those of the "
                    "other; rename one"
                )
            seen.add(case.case)
            wrong += [
                f"row {number}: case {case.case!r} names {path}, which {absence(path)}"
                for path in (case.image, case.segments, case.thrombi)
                if path is not None and not is_available(path)
            ]
            cases.append(case)
        if wrong:
            raise CohortError(f"{table} cannot be used: {_shortened(wrong)}")
        if not cases:
            raise CohortError(f"{table} lists no case")
        return cls(root, tuple(cases))

    def save(self, table: Path | None = None) -> Path:
        """Write the table (default `root/cohort.csv`), paths relative to its folder where they can be."""
        path = Path(table) if table is not None else self.root / TABLES[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows([row_of_case(case, path.parent.resolve()) for case in self.cases], path)
        return path

    def select(self, keep: Callable[[Case], bool]) -> Cohort:
        """The cases for which `keep` is true, in the same order; possibly none."""
        return dataclasses.replace(self, cases=tuple(case for case in self.cases if keep(case)))

    def of_split(self, split: str) -> Cohort:
        """The cases of a split such as `train`; CohortError that lists the splits if there are none."""
        chosen = self.select(lambda case: case.split == split)
        if not chosen.cases:
            known = sorted({case.split for case in self.cases if case.split})
            raise CohortError(
                f"no case is in the split {split!r} (known: {', '.join(known) or 'none'})"
            )
        return chosen

    def of_fold(self, fold: int, *, held_out: bool) -> Cohort:
        """The cases of one fold (`held_out`), or those of all other folds.

        CohortError if a case has no fold, or no case has this one.
        """
        bare = [case.case for case in self.cases if case.fold is None]
        if bare:
            raise CohortError(
                f"{len(bare)} cases have no fold, such as {bare[0]!r}; assign folds with `deepvein cohort "
                "split --folds`"
            )
        known = sorted({case.fold for case in self.cases if case.fold is not None})
        if fold not in known:
            raise CohortError(f"no case is in fold {fold} (folds: {', '.join(map(str, known))})")
        return self.select(lambda case: (case.fold == fold) is held_out)

    def of_modality(self, modality: Modality) -> Cohort:
        return self.select(lambda case: case.modality is modality)

    @property
    def patients(self) -> tuple[str, ...]:
        """Each patient once, in the order of first appearance."""
        return tuple(dict.fromkeys(case.patient for case in self.cases))

    @property
    def cache(self) -> Path:
        """Where derived arrays are kept; it may be deleted at any time."""
        return self.root / ".cache"

    def __len__(self) -> int:
        return len(self.cases)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)


def _shortened(texts: list[str], most: int = 20) -> str:
    more = f"; and {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more


def _table_of(location: Path) -> Path:
    if location.is_file():
        return location
    for name in TABLES:
        if (location / name).is_file():
            return location / name
    raise CohortError(
        f"{location} is neither a cohort table nor a folder with {' or '.join(TABLES)}"
    )
