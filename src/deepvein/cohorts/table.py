"""Rows of a cohort table, as CSV or Parquet, and the cases that they describe."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from deepvein.cohorts.case import Case
from deepvein.core.errors import CohortError, MissingExtraError
from deepvein.core.files import whole_file
from deepvein.core.spreadsheet import text_of, write_csv
from deepvein.core.windows_names import is_forbidden
from deepvein.studies.study import Modality

COLUMNS = tuple(field.name for field in fields(Case))
_REQUIRED = ("case", "patient", "modality", "image")
_TRUE = "true t yes y 1 positive pos checked wahr ja vrai oui verdadero sí si sim"
_FALSE = "false f no n 0 negative neg unchecked falsch nein faux non falso não nao"
_TRUTH = dict.fromkeys(_TRUE.split(), True) | dict.fromkeys(_FALSE.split(), False)
"""As people and spreadsheets of several countries write it."""
_BEYOND = "\n"
"""Holds the cells of a row that stand behind the last column; no column is called so."""
_DIVIDERS = (",", ";", "\t")
_MISSING = {
    "nan", "NaN", "<NA>", "NaT", "NA", "N/A", "n/a", "#N/A", "#NV", "#N/D", "#N/B", "NULL", "null", "None",
}  # fmt: skip
"""What data frames, R and spreadsheets write where nothing is known."""
_NO_NAME = re.compile(r"[/\\\x00-\x1f]|^\.\.?$|.{151}")
"""What a name must not hold under which files are written."""
_WHOLE = re.compile(r"^(\d+)[.,]0$")
"""A whole number as data frames write it beside empty cells."""
_BROKEN = re.compile(r"#(REF!|NAME\?|VALUE!|NUM!|NULL!|DIV/0!|WERT!|BEZUG!|ZAHL!|¡\w+!|#+)")
"""What a spreadsheet shows where a formula failed, or a column is too narrow."""
_SHORTENED = re.compile(r"\d([.,]\d+)?[Ee]\+\d{2,}")
"""A long number as spreadsheets show it: several become one."""
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_FOLD = re.compile(r"[0-9]{1,4}")
_WORKBOOK = b"PK\x03\x04"

_MOST_SAID, _LONGEST_SAID = 4, 120

Row = Mapping[str, Any]
NumberedRow = tuple[int, Row]


def case_of_row(row: Row, root: Path) -> Case:
    """The case that a row describes, paths made absolute below `root`; CohortError for a bad value, and
    for more cells than columns, as an unquoted comma makes: every cell behind it stands in the wrong column."""
    if _BEYOND in row:
        raise CohortError(
            f"{len(row[_BEYOND])} cells more than there are columns, first {row[_BEYOND][0]!r}; put texts with "
            "commas into quotation marks"
        )
    told = {name: (_somebody if name == "patient" else _text)(row.get(name)) for name in _REQUIRED}
    missing = [name for name, text in told.items() if not text]
    if missing:
        there = ", ".join(str(value) for value in row.values() if _text(value))[:_LONGEST_SAID]
        raise CohortError(f"a row of the cohort table has no {missing[0]}: {there}")
    name = _named(row["case"])
    if _NO_NAME.search(name):
        raise CohortError(
            f"the case {name[:60]!r} cannot name a file, as results of it are called after it; use no slashes, "
            "no line ends, and up to 150 letters"
        )
    if os.name == "nt" and is_forbidden(name):
        raise CohortError(
            f'the case {name!r} cannot name a file under Windows; use none of < > : " | ? *, no dot or blank '
            "at the end, and no name of a device such as con"
        )
    image = _path(row["image"], root)
    if image is None:  # excluded by the check above; this tells the type checker
        raise CohortError(f"case {name!r} has no image")
    return Case(
        case=name,
        patient=told["patient"],
        modality=_modality(row["modality"], name),
        image=image,
        segments=_path(row.get("segments"), root),
        thrombi=_path(row.get("thrombi"), root),
        has_dvt=_truth(row.get("has_dvt"), name),
        centre=_somebody(row.get("centre")),
        fold=_fold(row.get("fold"), name),
        split=_text(row.get("split")).lower(),
    )


def row_of_case(case: Case, root: Path) -> dict[str, str]:
    """The texts of a table row; None is an empty text, paths below `root` are relative to it."""
    row = {name: getattr(case, name) for name in COLUMNS}
    row["modality"] = case.modality.value
    row["has_dvt"] = None if case.has_dvt is None else str(case.has_dvt).lower()
    for name in ("image", "segments", "thrombi"):
        row[name] = None if row[name] is None else _relative(row[name], root)
    return {name: "" if value is None else str(value) for name, value in row.items()}


def read_rows(table: Path) -> list[NumberedRow]:
    """The rows of a .csv or .parquet file that are not empty, each with its number as spreadsheets count.

    Cells of a .csv may be divided by commas, semicolons or tabs. CohortError for a text that is neither UTF-8
    nor UTF-16, and for columns that are unknown, missing or there twice.
    """
    rows, columns = (_read_parquet if table.suffix == ".parquet" else _read_csv)(table)
    if columns and not {*_REQUIRED} & {*columns}:
        first = ", ".join(name for name in columns if name)[:_LONGEST_SAID]
        raise CohortError(
            f"{table} does not begin with the names of its columns ({', '.join(_REQUIRED)} …) but with "
            f"{first!r}; remove what stands above them, and divide cells by commas, semicolons or tabs"
        )
    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if twice:
        raise CohortError(f"{table} has the column {twice[0]!r} more than once; leave one")
    unknown = [str(name) for name in columns if name not in COLUMNS]
    missing = [name for name in _REQUIRED if name not in columns]
    if unknown or missing:
        what = [_unknown(name) for name in unknown]
        what += [f"no column {name!r}" for name in missing]
        raise CohortError(
            f"{table} has {' and '.join(what[:_MOST_SAID])}; a cohort table has {', '.join(COLUMNS)}"
        )
    return rows


def _unknown(name: str) -> str:
    if name.strip():
        return f"an unknown column {name!r}"
    return "a column without a name (data frames write their index so: leave it out)"


def write_rows(rows: Sequence[Row], table: Path) -> None:
    """Write rows of texts to a .csv or .parquet file, whole or not at all, for its owner alone."""
    if table.suffix == ".parquet":
        pyarrow, parquet = _pyarrow()
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        with whole_file(table, private=True) as made:
            parquet.write_table(pyarrow.table(columns), made)
    else:
        write_csv(table, COLUMNS, [[row[name] for name in COLUMNS] for row in rows], private=True)


def _read_csv(table: Path) -> tuple[list[NumberedRow], list[str]]:
    """Rows and columns; commas, semicolons or tabs divide the cells, as Excel writes them by country."""
    try:
        text = _decoded(table.read_bytes(), table)
        told = re.match(r"sep=(.)\s*[\r\n]", text)  # Excel's own first line
        mark = told[1] if told else max(_DIVIDERS, key=text.lstrip().partition("\n")[0].count)
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
        if told:
            records[0] = []
    except (OSError, csv.Error) as error:
        raise CohortError(f"cannot read the cohort table {table}: {error}") from error
    columns: list[str] | None = None
    rows: list[NumberedRow] = []
    for number, record in enumerate(records, start=1):
        cells = [text_of(cell) for cell in record]
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = [cell.strip().lower() for cell in cells]
            continue
        row: dict[str, Any] = dict(zip(columns, cells, strict=False))
        beyond = [cell for cell in cells[len(columns) :] if cell.strip()]
        rows.append((number, row | ({_BEYOND: beyond} if beyond else {})))
    while columns and not columns[-1]:
        columns.pop()  # Excel writes empty columns behind the last one
    return rows, columns or []


def _decoded(raw: bytes, table: Path) -> str:
    """UTF-8, or UTF-16 with its mark, as "Unicode text" of Excel is."""
    if raw.startswith(_WORKBOOK):
        raise CohortError(f'{table} is an Excel workbook; save it as "CSV UTF-8"')
    if b"\0" in raw and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CohortError(f'{table} is no text, or UTF-16 without its mark; save it as "CSV UTF-8"')
    encoding = (
        "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    )
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise CohortError(
            f"the cohort table {table} is not UTF-8 text (byte {error.start}): save it as "
            '"CSV UTF-8", since names with accents would be read wrongly otherwise'
        ) from error


def _read_parquet(table: Path) -> tuple[list[NumberedRow], list[str]]:
    pyarrow, parquet = _pyarrow()
    try:
        # A file handle, so that a folder named like `split=train` above the table adds no column.
        with table.open("rb") as file:
            content = parquet.read_table(file)
    except (OSError, pyarrow.ArrowException) as error:
        raise CohortError(f"cannot read the cohort table {table}: {error}") from error
    return list(enumerate(content.to_pylist(), start=2)), list(content.column_names)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("a cohort table in Parquet", "train") from error
    return pyarrow, parquet


def _text(value: Any) -> str:
    """The text of a cell; empty for None and for what data frames write where nothing is known.

    CohortError for what a spreadsheet shows in place of a value.
    """
    text = "" if value is None else str(value).strip()
    if _BROKEN.fullmatch(text):
        raise CohortError(f"a cell holds {text}, which a spreadsheet shows where a formula failed")
    return "" if text in _MISSING else text


def _named(value: Any) -> str:
    """A name in one spelling, for a patient is one however programs write it: ü as one character or two, wide
    digits, dashes that a text program made of -, invisible signs, 12 as 12.0. CohortError for a number whose
    end a spreadsheet has cut off."""
    spelt = unicodedata.normalize("NFKC", _text(value)).translate(_DASHES)
    name = _WHOLE.sub(r"\1", "".join(one for one in spelt if unicodedata.category(one) != "Cf"))
    if _SHORTENED.fullmatch(name):
        raise CohortError(
            f"the name {name} is a number that a spreadsheet has shortened, so that several become one; give "
            "the column the format text and enter them again"
        )
    return name.strip()


def _somebody(value: Any) -> str:
    """A name of a patient or a centre; signs alone (`-`, `?`) name nobody."""
    name = " ".join(_named(value).split())
    return name if any(sign.isalnum() for sign in name) else ""


def _whole(value: Any) -> str:
    """The text of a whole number or word: data frames write whole numbers beside empty cells as `1.0`."""
    return _text(value).removesuffix(".0").removesuffix(",0")


def _path(value: Any, root: Path) -> Path | None:
    text = _text(value)
    if not text:
        return None
    path = Path(os.path.abspath(root / text))
    if "\\" in text and os.sep != "\\" and not path.exists():
        path = Path(os.path.abspath(root / text.replace("\\", "/")))  # written on Windows
    return path


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
    if not _FOLD.fullmatch(text):
        raise CohortError(f"case {case!r} has the fold {value!r}; use 0, 1, 2 … or nothing")
    return int(text)
