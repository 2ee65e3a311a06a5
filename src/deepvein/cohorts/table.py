"""Rows of a cohort table, as CSV or Parquet, and the cases that they describe."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from deepvein.cohorts.case import Case
from deepvein.core.errors import CohortError, MissingExtraError
from deepvein.core.files import whole_file
from deepvein.core.spreadsheet import text_of, write_csv
from deepvein.studies.study import Modality

COLUMNS = tuple(field.name for field in fields(Case))
_REQUIRED = ("case", "patient", "modality", "image")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_BEYOND = "\n"
"""Holds the cells of a row that stand behind the last column; no column is called so."""
_MISSING = {"nan", "NaN", "<NA>", "NaT"}

Row = Mapping[str, Any]


def case_of_row(row: Row, root: Path) -> Case:
    """The case that a row describes, paths made absolute below `root`; CohortError for a bad value."""
    missing = [name for name in _REQUIRED if not _text(row.get(name))]
    if missing:
        raise CohortError(f"a row of the cohort table has no {missing[0]}: {dict(row)}")
    name = _text(row["case"])
    image = _path(row["image"], root)
    if image is None:  # excluded by the check above; this tells the type checker
        raise CohortError(f"case {name!r} has no image")
    return Case(
        case=name,
        patient=_text(row["patient"]),
        modality=_modality(row["modality"], name),
        image=image,
        segments=_path(row.get("segments"), root),
        thrombi=_path(row.get("thrombi"), root),
        has_dvt=_truth(row.get("has_dvt"), name),
        centre=_text(row.get("centre")),
        fold=_fold(row.get("fold"), name),
        split=_text(row.get("split")),
    )


def row_of_case(case: Case, root: Path) -> dict[str, str]:
    """The texts of a table row; None is an empty text, paths below `root` are relative to it."""
    row = {name: getattr(case, name) for name in COLUMNS}
    row["modality"] = case.modality.value
    row["has_dvt"] = None if case.has_dvt is None else str(case.has_dvt).lower()
    for name in ("image", "segments", "thrombi"):
        row[name] = None if row[name] is None else _relative(row[name], root)
    return {name: "" if value is None else str(value) for name, value in row.items()}


def read_rows(table: Path) -> list[dict[str, Any]]:
    """All rows of a .csv or .parquet file.

    CohortError for columns that are unknown, missing or there twice, and for a row with more cells than
    columns, as an unquoted comma makes: every cell behind it would stand in the wrong column.
    """
    if table.suffix == ".parquet":
        rows, columns = _read_parquet(table)
    else:
        try:
            with table.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file, restkey=_BEYOND)
                rows = [{name: _cell_text(value) for name, value in row.items()} for row in reader]
                columns = list(reader.fieldnames or ())
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CohortError(f"cannot read the cohort table {table}: {error}") from error
    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if twice:
        raise CohortError(f"{table} has the column {twice[0]!r} more than once; leave one")
    for number, row in enumerate(rows, start=2):
        if _BEYOND in row:
            raise CohortError(
                f"row {number} of {table} has {len(row[_BEYOND])} cells more than there are columns, first "
                f"{row[_BEYOND][0]!r}; put texts with commas into quotation marks"
            )
    unknown = [str(name) for name in columns if name not in COLUMNS]
    missing = [name for name in _REQUIRED if name not in columns]
    if unknown or missing:
        what = f"an unknown column {unknown[0]!r}" if unknown else f"no column {missing[0]!r}"
        raise CohortError(f"{table} has {what}; a cohort table has {', '.join(COLUMNS)}")
    return rows


def write_rows(rows: Sequence[Row], table: Path) -> None:
    """Write rows of texts to a .csv or .parquet file, whole or not at all, for its owner alone."""
    if table.suffix == ".parquet":
        pyarrow, parquet = _pyarrow()
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        with whole_file(table, private=True) as made:
            parquet.write_table(pyarrow.table(columns), made)
    else:
        write_csv(table, COLUMNS, [[row[name] for name in COLUMNS] for row in rows], private=True)


def _read_parquet(table: Path) -> tuple[list[dict[str, Any]], list[str]]:
    pyarrow, parquet = _pyarrow()
    try:
        # A file handle, so that a folder named like `split=train` above the table adds no column.
        with table.open("rb") as file:
            content = parquet.read_table(file)
    except (OSError, pyarrow.ArrowException) as error:
        raise CohortError(f"cannot read the cohort table {table}: {error}") from error
    return content.to_pylist(), list(content.column_names)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("a cohort table in Parquet", "train") from error
    return pyarrow, parquet


def _cell_text(value: Any) -> Any:
    return (
        text_of(value) if isinstance(value, str) else value
    )  # more cells than columns make a list


def _text(value: Any) -> str:
    """The text of a cell; empty for None and for what data frames write where nothing is known."""
    text = "" if value is None else str(value).strip()
    return "" if text in _MISSING else text


def _whole(value: Any) -> str:
    """The text of a whole number or word: data frames write whole numbers beside empty cells as `1.0`."""
    return _text(value).removesuffix(".0")


def _path(value: Any, root: Path) -> Path | None:
    text = _text(value)
    return Path(os.path.abspath(root / text)) if text else None


def _relative(path: Path, root: Path) -> str:
    absolute = Path(os.path.abspath(path))
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _modality(value: Any, case: str) -> Modality:
    try:
        return Modality(_text(value).upper())
    except ValueError:
        known = ", ".join(modality.value for modality in Modality)
        raise CohortError(f"case {case!r} has the modality {value!r} (known: {known})") from None


def _truth(value: Any, case: str) -> bool | None:
    text = _whole(value).lower()
    if text in _TRUTH:
        return _TRUTH[text]
    if text:
        raise CohortError(f"case {case!r} has has_dvt {value!r}; use true, false or nothing")
    return None


def _fold(value: Any, case: str) -> int | None:
    text = _whole(value)
    if not text:
        return None
    try:
        fold = int(text)
    except ValueError:
        fold = -1
    if fold < 0:
        raise CohortError(f"case {case!r} has the fold {value!r}; use 0, 1, 2 … or nothing")
    return fold
