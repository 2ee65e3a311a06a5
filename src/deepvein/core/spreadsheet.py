"""CSV files that a spreadsheet shows as they are: no text in them is run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from deepvein.core.files import write_text

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""How a text begins that a spreadsheet takes for a formula (OWASP, "CSV Injection"), quoted or not."""

_NUMBER = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?( ?%)?( ± (\d+\.?\d*|–))?( \([\d\s.,;%–−+-]*( to [\d.,+-]+)?\))?",
    re.IGNORECASE,
)
"""A number, perhaps with its deviation, perhaps with an interval in brackets."""


def cell(value: Any) -> Any:
    """A value as it may stand in a cell: a text that would be run gets an apostrophe before it.

    Numbers stay numbers, also those given as texts. `text_of` undoes it.
    """
    if not isinstance(value, str) or not _FORMULA.match(value) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def text_of(cell: str) -> str:
    """The text that `cell` made safe; any other as it is."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]], line_end: str = "\n") -> str:
    """Names of columns and rows as CSV (RFC 4180 but for the line ends), with every cell made safe.

    None becomes an empty cell.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow([cell(name) for name in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, private: bool = False
) -> None:
    """Write `csv_text` in UTF-8, whole or not at all; private and errors as in `files.whole_file`."""
    write_text(path, csv_text(columns, rows), private=private)
