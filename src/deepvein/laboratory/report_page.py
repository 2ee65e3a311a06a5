"""The page of a reproduction: each published table and figure beside ours, in one HTML file."""

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

PAGE = "index.html"
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
    """Write index.html, which carries its pictures, into `folder`; returns its path."""
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
    path = folder / PAGE
    write_text(path, text)
    return path


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
