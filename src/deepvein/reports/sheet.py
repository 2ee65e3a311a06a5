"""The printed report: one or two pages that stand on paper, in colour or without.

The first page holds what decides: whose study, the verdict, the findings, and where they lie. Pictures of
each finding, remarks and methods follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from deepvein._version import __version__
from deepvein.drawing import paper
from deepvein.drawing.paper import MM, QUIET, WIDTH, Parts, text
from deepvein.drawing.picture import KeyImage
from deepvein.drawing.windows import Window
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import texts
from deepvein.reports.overview import PAPER
from deepvein.reports.pictures import Pictures
from deepvein.reports.statement import chance, findings_heading, headline
from deepvein.studies.study import Modality

TITLE = "Screening for deep vein thrombosis of the legs"
LISTED = 10
"""So many findings stand in the table; the others are counted."""
ILLUSTRATED = 4
"""So many findings have pictures."""
_BELOW = 4
"""Points below a caption, so that it is seen which picture it belongs to."""
_PICTURES_MM = (75, 150)
"""Least and greatest height of the pictures on the first page."""

_Illustrated = tuple[Finding, tuple[KeyImage, ...]]


def sheet(screening: Screening, pictures: Pictures | None = None) -> bytes:
    """The report as PDF: text that can be selected, fonts embedded, title and author in its properties.

    The bytes follow from the study and what was found; they hold no time and no machine.
    """
    who = _who(screening)
    mark = "Synthetic study – " if screening.study.synthetic else ""

    def running(page: int) -> tuple[str, str, str]:
        above = (who, texts.NOT_A_DEVICE) if page > 1 else ("", "")
        return (*above, f"{mark}{who}")

    return paper.document(
        _pages(screening, pictures or Pictures(screening)),
        TITLE,
        author=f"deepvein {__version__}",
        subject=texts.NOT_A_DEVICE,
        dated=_day(screening),
        running=running,
    )


def _day(screening: Screening) -> str:
    """That of the study, or of no study where it has none."""
    date = screening.study.identity.study_date
    return date if len(date) == 8 and date.isdigit() else "19700101"


def _pages(screening: Screening, pictures: Pictures) -> list[Parts]:
    """One page, or two."""
    top = [
        *_heading(screening),
        _identity(screening),
        *_verdict(screening),
        *_findings(screening.findings, findings_heading(screening)),
    ]
    notes = [*_remarks(screening), *_methods(screening, pictures.window)]
    shown = _illustrated(screening, pictures)
    least, most = (limit * MM for limit in _PICTURES_MM)
    room = paper.HEIGHT - paper.height(top)
    together = room - paper.height(notes)
    if not shown and together >= least:
        return [[*top, *_middle(screening, pictures, (), min(together, most)), *notes]]
    first = shown[0][1] if shown else ()
    middle = _middle(screening, pictures, first, min(max(room, least), most))
    return [[*top, *middle], [*_pictures(shown, pictures.window), *notes]]


def _who(screening: Screening) -> str:
    identity = screening.study.identity
    parts = (
        texts.person(identity.patient_name),
        identity.patient_id,
        texts.date(identity.study_date),
        identity.accession_number,
    )
    return " · ".join(filter(None, parts))


def _heading(screening: Screening) -> Parts:
    """What this is, and what it is not."""
    study = screening.study
    kind = "CT venography" if study.modality is Modality.CT else "MR venography"
    only = f", {study.laterality.value} leg only" if study.laterality else ""
    name = [
        text(f"<b>{TITLE}</b>", 12.5),
        text(f"{kind}{only} – deepvein {__version__}", 8.5, QUIET),
    ]
    notice = _framed(f"<b>{escape(texts.NOT_A_DEVICE)}</b>", 46 * MM)
    row = paper.grid([[name, notice]], [WIDTH - 46 * MM, 46 * MM], padding=(0, 0))
    if not study.synthetic:
        return [row, paper.gap(6)]
    return [row, paper.gap(5), _framed(f"<b>{escape(texts.SYNTHETIC)}</b>", WIDTH), paper.gap(6)]


def _framed(markup: str, width: float) -> Any:
    line = [("BOX", (0, 0), (-1, -1), 0.9, paper.INK), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    return paper.grid([[text(markup, 8.5, align=paper.CENTRE)]], [width], line)


def _identity(screening: Screening) -> Any:
    """Whose study, in two rows of four."""
    identity = screening.study.identity
    person = filter(None, (identity.patient_sex, texts.age(identity.patient_age)))
    cells = [
        ("Patient", texts.person(identity.patient_name)),
        ("Patient ID", identity.patient_id),
        ("Sex, age", ", ".join(person)),
        ("Study date", texts.date(identity.study_date)),
        ("Accession", identity.accession_number),
        ("Study", identity.study_description),
        ("Institution", identity.institution),
        ("Scanner", f"{identity.manufacturer} {identity.model}".strip()),
    ]
    entries = [[text(name, 8, QUIET), text(escape(value or "–"), 9)] for name, value in cells]
    rules = [
        ("LINEABOVE", (0, 0), (-1, 0), 0.6, paper.LINE),
        ("LINEBELOW", (0, -1), (-1, -1), 0.6, paper.LINE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ]
    return paper.grid([entries[:4], entries[4:]], [WIDTH / 4] * 4, rules)


def _verdict(screening: Screening) -> Parts:
    """The answer, in a frame that is heavy where DVT is suspected."""
    said = screening.verdict.value
    answer = [
        text(f"<b>{said[0].upper()}{said[1:]}</b>", 16),
        text(escape(headline(screening)), 9.5),
    ]
    told = chance(screening)
    certainty = []
    if told is not None:
        # A number is not parted from its unit at the end of a line.
        beside = escape(told[1]).replace(" %", "\u00a0%")
        caption = f"probability of DVT in this study,<br/>{beside}"
        certainty = [
            text(f"<b>{escape(told[0])}</b>", 16, align=paper.CENTRE),
            text(caption, 8, QUIET, align=paper.CENTRE),
        ]
    weight = 2.2 if screening.verdict is Verdict.SUSPECTED else 0.9
    rules = [
        ("BOX", (0, 0), (-1, -1), weight, paper.INK),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    cells, shares = ([answer, certainty], (0.58, 0.42)) if certainty else ([answer], (1.0,))
    box = paper.grid([cells], [share * WIDTH for share in shares], rules, padding=(8, 7))
    return [paper.gap(9), box, paper.gap(3)]


def _findings(findings: Sequence[Finding], head: str) -> Parts:
    """The table; nothing if there are none."""
    if not findings:
        return []
    columns = (
        ("No.", 0.05, paper.LEFT),
        ("Side and veins", 0.24, paper.LEFT),
        ("z from – to, mm", 0.16, paper.RIGHT),
        ("Length", 0.10, paper.RIGHT),
        ("Volume", 0.10, paper.RIGHT),
        ("Diameter", 0.11, paper.RIGHT),
        ("Occlusion", 0.115, paper.LEFT),
        ("Probability", 0.125, paper.RIGHT),
    )
    rows = [[text(f"<b>{name}</b>", 8, align=align) for name, _, align in columns]]
    for finding in findings[:LISTED]:
        cells = zip(_row(finding), columns, strict=True)
        rows.append([text(cell, 8.5, align=align) for cell, (_, _, align) in cells])
    rules = [
        ("BACKGROUND", (0, 0), (-1, 0), paper.SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, paper.LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    parts = [
        paper.heading(head),
        paper.grid(rows, [share * WIDTH for _, share, _ in columns], rules),
    ]
    if len(findings) > LISTED:
        more = f"{len(findings) - LISTED} more stand in findings.json and in the DICOM SR."
        parts.append(text(more, 8, QUIET))
    return parts


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        f"<b>{finding.number}</b>",
        f"<b>{escape(finding.place)}</b>, {finding.level.value}",
        f"{texts.level(finding.end_mm)} to {texts.level(finding.start_mm)}",
        texts.millimetres(finding.extent_mm),
        texts.millilitres(finding.volume_ml),
        texts.millimetres(finding.diameter_mm),
        texts.occlusion_word(finding),
        escape(texts.percent(finding.probability)),
    )


def _middle(
    screening: Screening, pictures: Pictures, chosen: Sequence[KeyImage], tall: float
) -> Parts:
    """The overview, beside it the pictures of the first finding or sections along the legs."""
    head = paper.heading("Overview and first finding" if chosen else "Overview and sections")
    legend = "Overview: from the front, the patient’s right on the left; deep veins pale"
    legend += ", findings dark." if screening.findings else "."
    told = paper.caption(f"{legend} {_outlines(pictures.window, bool(screening.findings))}")
    tall -= paper.height([head, told]) + 4
    beside = chosen[-2:] or pictures.levels
    left = paper.picture(pictures.overview(PAPER), WIDTH * 0.62, tall)
    width = WIDTH - left.drawWidth - 4 * MM
    captions = [_told(one) for one in beside]
    each = (tall - paper.height(captions, width)) / max(1, len(beside)) - 2 - _BELOW
    column: Parts = []
    for one, caption in zip(beside, captions, strict=True):
        column += [paper.picture(one.png, width, each), caption, paper.gap(_BELOW)]
    row = paper.grid([[left, column]], [left.drawWidth + 4 * MM, width], padding=(0, 0))
    return [head, row, paper.gap(2), told]


def _told(image: KeyImage) -> Any:
    return paper.caption(f"<b>{escape(image.title)}</b> {escape(image.detail)}")


def _outlines(window: Window, found: bool) -> str:
    bold = "bold outline, the finding; " if found else ""
    return f"Sections: {bold}thin outline, deep veins as the software sees them; {escape(window.text)}."


def _illustrated(screening: Screening, pictures: Pictures) -> tuple[_Illustrated, ...]:
    """The first findings with their pictures."""
    if screening.prediction is None or screening.tree is None:
        return ()
    return tuple(
        (finding, pictures.of_finding(rank))
        for rank, finding in enumerate(screening.findings[:ILLUSTRATED])
    )


def _pictures(shown: Sequence[_Illustrated], window: Window) -> Parts:
    """A row of pictures a finding, all of one height; two rows where there is but one finding."""
    parts: Parts = []
    for finding, images in shown:
        columns = 2 if len(shown) == 1 else len(images)
        place = escape(finding.place[0].upper() + finding.place[1:])
        likely = escape(texts.percent(finding.probability))
        widths, tall = [WIDTH / 2] * 2, 82 * MM
        if len(shown) > 1:
            shapes = [paper.aspect(one.png) for one in images]
            tall = min(46 * MM, (WIDTH - 3 * MM * columns) / sum(shapes))
            widths = [shape * tall + 3 * MM for shape in shapes]
        cells = [
            [paper.picture(one.png, width - 3 * MM, tall), _told(one)]
            for one, width in zip(images, widths * len(images), strict=False)
        ]
        rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
        rows[-1] += [[]] * (columns - len(rows[-1]))
        apart = [("RIGHTPADDING", (0, 0), (-1, -1), 3 * MM)]
        parts += [
            paper.heading(f"{finding.number}  {place}, probability {likely}"),
            paper.grid(rows, widths, apart, padding=(0, 2)),
        ]
    return [*parts, paper.gap(3), paper.caption(_outlines(window, found=True))] if parts else []


def _remarks(screening: Screening) -> Parts:
    if not screening.remarks:
        return []
    unclear = screening.verdict is Verdict.NOT_ASSESSABLE
    title = (
        "Why it cannot be assessed, and image quality" if unclear else "Image quality and limits"
    )
    return [
        paper.heading(title),
        *(text(f"• {escape(remark.sentence)}", 8.5) for remark in screening.remarks),
    ]


def _methods(screening: Screening, window: Window) -> Parts:
    """Who spoke, and what a reader needs to find the same again."""
    point, prediction = screening.operating_point, screening.prediction
    models = "; ".join(
        f"{model.name} {model.version} (SHA-256 {model.sha256[:12]}…)"
        for model in (prediction.models if prediction else ())
    )
    lines = [
        f"deepvein {__version__}, {f'models: {models}' if models else 'no model was asked'}.",
        f"Operating point “{point.name}”: DVT is suspected from a probability of "
        f"{texts.percent(point.threshold)}.",
        "Length is measured along the body axis, diameter across it; z is the scanner’s position along "
        "the body, the head higher.",
        "Thrombi of a few millimetres, above all in the calf, are easily missed. No person has confirmed "
        "this result.",
    ]
    if screening.study.identity.study_uid:
        lines.append(f"Study Instance UID {screening.study.identity.study_uid}")
    return [paper.heading("Methods"), *(text(escape(line), 8, QUIET) for line in lines)]
