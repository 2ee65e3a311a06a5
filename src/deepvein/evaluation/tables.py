"""Tables of typed rows as CSV, Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from math import isnan
from pathlib import Path
from typing import Any

from deepvein.core.errors import SettingsError
from deepvein.core.files import write_text
from deepvein.core.spreadsheet import csv_text


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, and rows of as many texts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise SettingsError(
                    f"a row of {len(row)} cells does not fit the {len(self.columns)} columns of "
                    f"{self.title!r}"
                )

    @classmethod
    def of(cls, title: str, rows: Sequence[Any], digits: int = 3) -> Table:
        """One row for each dataclass instance, one column for each field; rows are of one class.

        Underscores in field names become spaces. Floats get `digits` decimals, NaN and None a dash.
        """
        if not rows or not is_dataclass(rows[0]) or any(type(r) is not type(rows[0]) for r in rows):
            raise SettingsError(f"the table {title!r} needs one row or more of one dataclass")
        names = [field.name for field in fields(rows[0])]
        return cls(
            title,
            tuple(name.replace("_", " ") for name in names),
            tuple(tuple(cell(getattr(row, name), digits) for name in names) for row in rows),
        )

    def csv(self) -> str:
        """RFC 4180, without the title; no cell is run as a formula (`core.spreadsheet`)."""
        return csv_text(self.columns, self.rows, line_end="\r\n")

    def markdown(self) -> str:
        """A heading and a GitHub-flavoured table."""
        return f"### {self.title}\n\n{self.rows_as_markdown()}\n"

    def rows_as_markdown(self) -> str:
        """The same without its heading."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        return "\n".join(
            "| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines
        )

    def latex(self) -> str:
        """A `table` environment with `booktabs` rules."""
        lines = [
            " & ".join(_escape(c) for c in line) + r" \\" for line in (self.columns, *self.rows)
        ]
        return "\n".join(
            [
                r"\begin{table}",
                rf"\caption{{{_escape(self.title)}}}",
                rf"\begin{{tabular}}{{{'l' * len(self.columns)}}}",
                r"\toprule",
                lines[0],
                r"\midrule",
                *lines[1:],
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
                "",
            ]
        )

    def write(self, folder: Path, name: str) -> tuple[Path, ...]:
        """`name`.csv, .md and .tex in `folder`, which is made if needed."""
        texts = {".csv": self.csv(), ".md": self.markdown(), ".tex": self.latex()}
        paths = []
        for suffix, text in texts.items():
            path = folder / f"{name}{suffix}"
            write_text(path, text)
            paths.append(path)
        return tuple(paths)


def cell(value: Any, digits: int = 3) -> str:
    """The text of one value: whole numbers as they are, floats rounded, enums by value, NaN a dash."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return "–"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    return str(value)


_LATEX = {
    "\\": r"\textbackslash{}",
    "–": "--",
    "±": r"$\pm$",
    "<": r"$<$",
    ">": r"$>$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_{}"},
}


def _escape(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
