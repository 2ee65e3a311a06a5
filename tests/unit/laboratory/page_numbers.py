"""Whether every number on a reproduction's page lies in a CSV beside it; the page and the CSVs are read."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

from deepvein.core.spreadsheet import text_of

_NUMBER = re.compile(r"(?<![\w-])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
_REFERENCE = re.compile(r"(?:Tables?|Figures?|Sections?) \d+(?:(?:, | and )\d+)*")
_LINK = re.compile(r"!?\[[^\]]*\]\([^)]*\)")


def stray(folder: Path) -> list[str]:
    """What stands on `folder`/index.md and not in `folder`/tables, as "heading: what"; empty if all is there.

    A table has to be one of the CSVs, cell by cell. A number in a text has to be one of numbers.csv under the
    text's heading; references to tables, figures and sections, and the citation, are none.
    """
    tables = [_rows(path) for path in sorted((folder / "tables").glob("*.csv"))]
    known: defaultdict[str, set[str]] = defaultdict(set)
    for heading, _, number in _rows(folder / "tables" / "numbers.csv")[1:]:
        known[heading] |= set(_NUMBER.findall(number))
    found, heading, table = [], "", []
    for line in [*(folder / "index.md").read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
            continue
        if table:
            del table[1]  # the rule below the columns' names
            if [[cell.replace("\\|", "|") for cell in row] for row in table] not in tables:
                found.append(f"{heading}: a table that no CSV holds, beginning {table[:2]}")
            table = []
        if line.startswith("#"):
            level, _, title = line.partition(" ")
            heading = title if len(level) < 4 else heading
        elif not _citation(line):
            text = _REFERENCE.sub("", _LINK.sub("", line))
            found += [f"{heading}: {n}" for n in _NUMBER.findall(text) if n not in known[heading]]
    return found


def _citation(line: str) -> bool:
    return line.startswith("*") and ("doi:" in line or "Stanford University" in line)


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [[text_of(cell) for cell in row] for row in csv.reader(file)]
