"""The page about the phantoms: Markdown with pictures and tables beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.files import write_text
from deepvein.drawing.pages import slug
from deepvein.evaluation.tables import Table
from deepvein.laboratory.phantom_audit import charts, tables
from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.figures import GALLERY
from deepvein.laboratory.phantom_audit.shortfalls import shortfalls
from deepvein.phantoms.plan import GENERATOR

PICTURES = "pictures"
TABLES = "tables"


@dataclass(frozen=True)
class Figure:
    """A picture with what it shows; path relative to the page."""

    path: str
    caption: str


@dataclass(frozen=True)
class Chapter:
    """A heading, text, figures and tables."""

    title: str
    text: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


_TITLE = "The phantoms, and how hard they are"
_INTRODUCTION = """Everything that this project ships was trained and measured on synthetic legs. This page \
shows what they look like beside published figures, and how little can be read from them by tricks. It is \
written by `deepvein phantom audit` from phantoms that no model was trained on; half of the people have DVT. \
The data are synthetic; this is research software and not a medical device."""

_MISSED = """Figures outside the range that a publication gives or, where it gives none, more than a tenth \
away from it. What is not in this table and has a published figure further down is met."""

_READERS = """Each reader is given less than a radiologist looks at, and should do badly:

- (a) takes the lowest value in the *true* vein, smoothed over 2 mm within the vein, in sections with \
thrombus against sections with a mixing artefact of at least half its depth. If that were enough, a \
threshold would find thrombi.
- (b) knows only where a section lies. It must do as well as the anatomical distribution of disease lets \
it, and no better.
- (c) is a small convolutional network that sees both legs without the veins and 15 mm around them, at \
twelve levels. What hides the veins is drawn where they ran before disease, on both sides alike. It finds \
swollen limbs, as it should, and nothing else.
- (d) is the same small network on 3 cm around a vein with its true outline: thrombi against mixing \
artefacts of the deep axis, in one section and in eleven 5 mm apart.
- (e) is that network on one section, trained at one centre and tested at another on people it has not \
seen; the same people lie in the scanners of all centres.

Networks have some four thousand parameters, a fixed seed and schedule, and are tested on folds of studies \
that they were not trained on. Intervals are 95 % bootstraps over studies; gains and losses are paired. \
All levels show the same people in the same folds; below 0.5, what was learned from some of them did not hold \
for the others. Sections of MR are 10 mm apart."""


_NOISE = """A matched filter knows where a thrombus lies, its shape and how bright it is, and the same vein \
without it; nothing but noise can hide a thrombus from it. Each thrombus is cut in up to three sections: as \
it is, without thrombus, and with other noise. The filter has the shape of the difference and does not \
whiten the noise (ICRU Report 54, 1996); AUROC is that of two normal distributions as far apart as its \
signal to noise. A thrombus is hidden if no section reaches 3. A reader who must find the vein, and tell \
thrombus from blood without contrast medium, sees less."""


def write_page(made: Sequence[Audit], folder: Path) -> Path:
    """index.md in `folder`, with charts of `made` in pictures/ and tables as CSV in tables/.

    Galleries that lie in pictures/ are shown. Returns the path of index.md.
    """
    chapters = [_missed(made), _readers(made, folder), _noise(made)]
    for one in made:
        chapters += _chapters(one, folder)
    for chapter in chapters:
        for number, table in enumerate(chapter.tables):
            path = folder / TABLES / f"{slug(chapter.title)}-{number + 1}.csv"
            write_text(path, table.csv())
    path = folder / "index.md"
    write_text(path, markdown(chapters))
    return path


def _missed(made: Sequence[Audit]) -> Chapter:
    return Chapter("What the phantoms miss", _MISSED, tables=(tables.missed_table(made),))


def _readers(made: Sequence[Audit], folder: Path) -> Chapter:
    chart = charts.reader_chart(made, folder / PICTURES)
    caption = (
        "AUROC with 95 % intervals by modality and difficulty; dashed: the most that the reader may reach, "
        "grey: chance."
    )
    figure = Figure(f"{PICTURES}/{chart.name}", caption)
    missed = [sentence for one in made for sentence in shortfalls(one)]
    told = "\n".join(f"- {sentence}" for sentence in missed)
    verdict = (
        f"Readers that do too well:\n\n{told}"
        if missed
        else "No reader does better than it should."
    )
    text = f"{_READERS}\n\n{verdict}"
    return Chapter("Cheap readers", text, (figure,), (tables.reader_table(made),))


def _noise(made: Sequence[Audit]) -> Chapter:
    return Chapter("What noise hides", _NOISE, tables=(tables.matched_filter_table(made),))


def _chapters(made: Audit, folder: Path) -> list[Chapter]:
    pictures = folder / PICTURES
    name = f"{made.settings.modality.value}, {made.settings.difficulty}"
    drawn = (
        (
            charts.tissue_chart(made, pictures),
            "By structure: pixels, their median, published range.",
        ),
        (charts.calibre_chart(made, pictures), "Median and 5th to 95th percentile, mm."),
        (
            charts.extent_chart(made, pictures),
            "Whole thrombi, whatever the coverage shows of them.",
        ),
    )
    figures = tuple(Figure(f"{PICTURES}/{path.name}", caption) for path, caption in drawn)
    readers = (
        (charts.dark_chart(made, pictures), "(a) the darkest place in the vein."),
        (charts.position_chart(made, pictures), "(b) how often sections show thrombus."),
        (charts.centre_chart(made, pictures), "(e) AUROC by centre."),
    )
    stale = made.generator != str(GENERATOR)
    version = (
        f"{made.settings.n} studies, seed {made.settings.seed}, generator {made.generator}"
        + (" (the generator has changed since)" if stale else "")
    )
    return [
        Chapter(f"{name}: pictures", version + ".", _gallery(made, folder)),
        Chapter(
            f"{name}: beside published figures",
            "",
            figures,
            (
                tables.shade_table(made),
                tables.contrast_table(made),
                *tables.calibre_tables(made),
                tables.extent_table(made),
            ),
        ),
        Chapter(
            f"{name}: readers",
            "",
            tuple(Figure(f"{PICTURES}/{path.name}", caption) for path, caption in readers),
            (tables.centre_table(made),),
        ),
    ]


_GALLERY = (
    ("axial", "Axial sections at five levels; yellow: the outline of the thrombus."),
    (
        "straightened",
        "Coronal planes, and the deep axis straightened from the common iliac vein down to the popliteal "
        "vein; yellow: the outline of the thrombus.",
    ),
    ("real", "Real legs without contrast medium above, phantoms of the same levels below."),
)


def _gallery(made: Audit, folder: Path) -> tuple[Figure, ...]:
    found = []
    for kind, caption in _GALLERY:
        path = f"{PICTURES}/{made.settings.name}-{kind}{GALLERY}"
        if (folder / path).is_file():
            found.append(Figure(path, caption))
    return tuple(found)


def markdown(chapters: Sequence[Chapter]) -> str:
    """The page as GitHub-flavoured Markdown."""
    lines = [f"# {_TITLE}", "", _INTRODUCTION, ""]
    for chapter in chapters:
        lines += [f"## {chapter.title}", ""]
        lines += [chapter.text, ""] if chapter.text else []
        for figure in chapter.figures:
            lines += [f"![{figure.caption}]({figure.path})", "", f"*{figure.caption}*", ""]
        for table in chapter.tables:
            lines += [table.markdown()]
    return "\n".join(lines).rstrip() + "\n"
