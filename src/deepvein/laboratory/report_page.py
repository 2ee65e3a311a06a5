"""The page of a reproduction: each published table and figure beside ours.

It is written twice: as one HTML file that carries its pictures, to be sent, and as Markdown with the
pictures beside it, to be published. Every number on it lies in a CSV beside it: tables in one of their
name, facts in facts.csv, and what texts and captions tell in numbers.csv, under the heading it stands below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.files import write_text
from deepvein.core.spreadsheet import csv_text
from deepvein.drawing.figures import data_uri
from deepvein.drawing.journal import DPI, TWO_COLUMNS_MM
from deepvein.drawing.pages import environment, slug
from deepvein.evaluation.tables import Table
from deepvein.reports import texts

PAGE, MARKDOWN, TABLES = "index.html", "index.md", "tables"
FACTS, NUMBERS = "facts.csv", "numbers.csv"
SYNTHETIC = "Synthetic data: the patients on this page were made by a computer program"


Numbers = tuple[tuple[str, str], ...]
"""(what it is, the number) for the numbers of a text, each written as the text has it."""


@dataclass(frozen=True)
class Exhibit:
    """One table or figure, ours beside the published one.

    published, ours: tables, or None. figure: the PNG, below the page's folder; an SVG of the same name is
    offered where it lies beside it. caption: below the figure. told: what the publication says where its
    figure itself is not shown. missing: why ours is not there (yet), or empty. numbers: those of these
    three texts. name: of the files of its tables; by default the title up to its colon.
    """

    title: str
    published: Table | None = None
    ours: Table | None = None
    figure: Path | None = None
    caption: str = ""
    told: str = ""
    missing: str = ""
    numbers: Numbers = ()
    name: str = ""

    @property
    def file(self) -> str:
        """The name of its tables' files."""
        return self.name or slug(self.title.split(":")[0])


@dataclass(frozen=True)
class Chapter:
    """A heading, paragraphs (separated by empty lines), what is shown below them, and the text's numbers."""

    title: str
    text: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    numbers: Numbers = ()


@dataclass(frozen=True)
class Page:
    """title; source: the publication's citation; profile: which profile made it, in one sentence that a
    hurried reader cannot miss; facts: (name, value) pairs; synthetic: whether no real patient is in it.
    numbers: those of profile and introduction."""

    title: str
    source: str
    profile: str
    introduction: str
    chapters: Sequence[Chapter]
    facts: tuple[tuple[str, str], ...] = ()
    synthetic: bool = True
    numbers: Numbers = ()


def write_page(page: Page, folder: Path) -> Path:
    """Write index.html, which carries its pictures, index.md and all tables into `folder`; returns the first
    one's path."""
    _write_tables(page, folder / TABLES)
    text = (
        environment("laboratory")
        .get_template("reproduction.html")
        .render(
            page=page,
            slug=slug,
            picture=lambda path: data_uri(path.read_bytes()),
            share=_share_of_width,
            vector=lambda path: _vector(path, folder),
            paragraphs=lambda text: [part for part in text.split("\n\n") if part.strip()],
            notice=texts.NOT_A_DEVICE,
            synthetic=SYNTHETIC,
        )
    )
    write_text(folder / MARKDOWN, markdown(page, folder))
    write_text(folder / PAGE, text)
    return folder / PAGE


def cohort_name(cohort: Path | None, generations: Mapping[str, int]) -> str:
    """What a page calls the patients: a hospital's folder by its name; for None that they are synthetic, and
    which generation of the study's code and of the phantoms they come from."""
    if cohort is None:
        told = ", ".join(f"{name} {number}" for name, number in generations.items())
        return f"synthetic; generations: {told}"
    place = cohort.resolve()
    return place.parent.name if place.suffix == ".csv" else place.name


def markdown(page: Page, folder: Path) -> str:
    """The page as GitHub-flavoured Markdown; pictures are named by their paths from `folder`."""
    parts = [
        f"# {page.title}",
        f"**{texts.NOT_A_DEVICE}**",
        f"*{page.source}*",
        f"**{page.profile}**",
    ]
    parts += [f"**{SYNTHETIC}**"] if page.synthetic else []
    parts += [page.introduction]
    if page.facts:
        parts += [_facts(page).rows_as_markdown()]
    for chapter in page.chapters:
        parts += [f"## {chapter.title}", chapter.text]
        for exhibit in chapter.exhibits:
            parts += [] if exhibit.title == chapter.title else [f"### {exhibit.title}"]
            parts += _exhibit(exhibit, folder)
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _exhibit(exhibit: Exhibit, folder: Path) -> list[str]:
    parts = [f"*{exhibit.told}*"] if exhibit.told else []
    parts += [f"**{exhibit.missing}**"] if exhibit.missing else []
    for label, table in (("Published", exhibit.published), ("Ours", exhibit.ours)):
        if table is not None:
            parts += [f"#### {label}", table.rows_as_markdown()]
    if exhibit.figure is not None:
        place = exhibit.figure.relative_to(folder).as_posix()
        parts += [f"![{exhibit.title}]({place})"]
    return [*parts, f"*{exhibit.caption}*"] if exhibit.caption else parts


def _facts(page: Page) -> Table:
    return Table("Facts", ("What", "Value"), page.facts)


def _write_tables(page: Page, folder: Path) -> None:
    rows = [(page.title, *number) for number in page.numbers]
    for chapter in page.chapters:
        rows += [(chapter.title, *number) for number in chapter.numbers]
        for exhibit in chapter.exhibits:
            rows += [(exhibit.title, *number) for number in exhibit.numbers]
            if exhibit.ours is not None:
                exhibit.ours.write(folder, exhibit.file)
            if exhibit.published is not None:
                write_text(folder / f"{exhibit.file}-published.csv", exhibit.published.csv())
    write_text(folder / FACTS, _facts(page).csv())
    write_text(folder / NUMBERS, csv_text(("heading", "what", "number"), rows, line_end="\r\n"))


def _share_of_width(path: Path) -> int:
    """Per cent of the page's width: 100 for a figure of two columns, about half for one of one column."""
    from PIL import Image

    with Image.open(path) as image:
        width_mm = image.width / DPI * 25.4
    return min(100, round(100 * width_mm / TWO_COLUMNS_MM))


def _vector(path: Path, folder: Path) -> str:
    """The address of the figure's SVG from the page, empty if there is none."""
    svg = path.with_suffix(".svg")
    return svg.relative_to(folder).as_posix() if svg.exists() else ""
