"""report.html: one self-contained page for people."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.drawing import figures, palette
from deepvein.drawing.pages import environment
from deepvein.drawing.picture import KeyImage
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import texts
from deepvein.reports.model_cards import model_cards
from deepvein.reports.overview import SCREEN
from deepvein.reports.pictures import Pictures
from deepvein.reports.statement import chance, findings_heading, headline
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.source import SourceFrame, nearest_frame

ILLUSTRATED = 12
"""So many findings get pictures; the table lists all."""


@dataclass(frozen=True)
class _Picture:
    uri: str
    title: str
    detail: str


@dataclass(frozen=True)
class _Entry:
    """A finding with what the page shows of it."""

    finding: Finding
    source: SourceFrame | None
    pictures: tuple[_Picture, ...]


@WRITERS.register("html")
def html_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """report.html with pictures inside; needs no network and no other file."""
    content = texts.encoded(page(screening, context))
    return Report((Document("report.html", lambda path: path.write_bytes(content)),))


def page(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> str:
    """The page as HTML; every text of the study is escaped."""
    templates = environment("reports")
    templates.filters.update(_FILTERS)
    prediction = screening.prediction
    pictures = context.pictures or Pictures(screening)
    return templates.get_template("report.html").render(
        screening=screening,
        study=screening.study,
        identity=screening.study.identity,
        tone=_TONES[screening.verdict],
        headline=headline(screening),
        chance=chance(screening),
        findings_heading=findings_heading(screening),
        entries=_entries(screening, pictures),
        levels=_embedded(pictures.levels),
        window=pictures.window,
        overview=figures.data_uri(pictures.overview(SCREEN)),
        cards=model_cards(prediction.models, context.model_folders) if prediction else (),
        palette=palette,
        device=prediction.device if prediction else "",
        notice=texts.NOT_A_DEVICE,
        synthetic=texts.SYNTHETIC,
        no_interval=texts.NO_INTERVAL,
        axis_names=("sagittal", "coronal", "axial"),
    )


_FILTERS = {
    "percent": texts.percent,
    "mm": texts.millimetres,
    "ml": texts.millilitres,
    "lps": texts.position,
    "level": texts.level,
    "occlusion": texts.occlusion,
    "occlusion_word": texts.occlusion_word,
    "person": texts.person,
    "date": texts.date,
    "age": texts.age,
}

_TONES = {
    Verdict.SUSPECTED: "suspected",
    Verdict.NOT_SUSPECTED: "below",
    Verdict.NOT_ASSESSABLE: "unknown",
}


def _embedded(images: tuple[KeyImage, ...]) -> tuple[_Picture, ...]:
    return tuple(
        _Picture(figures.data_uri(image.png), image.title, image.detail) for image in images
    )


def _entries(screening: Screening, pictures: Pictures) -> tuple[_Entry, ...]:
    sources = screening.study.origin.sources
    if screening.prediction is None or screening.tree is None:
        return ()
    entries = []
    for rank, finding in enumerate(screening.findings):
        shown = _embedded(pictures.of_finding(rank)) if rank < ILLUSTRATED else ()
        entries.append(_Entry(finding, nearest_frame(sources, finding.key_point_mm), shown))
    return tuple(entries)
