"""The page of a reproduction: each published table and figure beside ours.

It is written twice: as one HTML file that carries its pictures, to be sent, and as Markdown with the
pictures beside it, to be published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.files import write_text
from deepvein.drawing.figures import data_uri
from deepvein.drawing.journal import DPI, TWO_COLUMNS_MM
from deepvein.drawing.pages import environment, slug
from deepvein.evaluation.tables import Table
from deepvein.reports import texts

PAGE, MARKDOWN = "index.html", "index.md"
SYNTHETIC = "Synthetic data: the patients on this page were made by a computer program"


@dataclass(frozen=True)
class Exhibit:
    """One table or figure, ours beside the published one.

    published, ours: tables, or None. figure: the PNG, below the page's folder; an SVG of the same name is
    offered where it lies beside it. caption: below the figure. told: what the publication says where its
    figure itself is not shown. missing: why ours is not there (yet), or empty.
    """

    title: str
    published: Table | None = None
    ours: Table | None = None
    figure: Path | None = None
    caption: str = ""
    told: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Chapter:
    """A heading, paragraphs (separated by empty lines) and what is shown below them."""

    title: str
    text: str = ""
    exhibits: tuple[Exhibit, ...] = ()


@dataclass(frozen=True)
class Page:
    """title; source: the publication's citation; profile: which profile made it, in one sentence that a
    hurried reader cannot miss; facts: (name, value) pairs; synthetic: whether no real patient is in it."""

    title: str
    source: str
    profile: str
    introduction: str
    chapters: Sequence[Chapter]
    facts: tuple[tuple[str, str], ...] = ()
    synthetic: bool = True


def write_page(page: Page, folder: Path) -> Path:
    """Write index.html, which carries its pictures, and index.md into `folder`; returns the former's path."""
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
        rows = "\n".join(f"| {name} | {value} |" for name, value in page.facts)
        parts += [f"| | |\n|---|---|\n{rows}"]
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
