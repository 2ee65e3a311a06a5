"""Pages of paper: A4 and Letter at once, with embedded fonts but for East Asian names, as PDF.

Page and parts are reportlab's; sizes here are points, 72 to the inch.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

MM = 72 / 25.4
PAGE = (210 * MM, 297 * MM)
"""A4. What stands on it keeps 16 mm from its upper and lower edge, so that it is whole on Letter, 279 mm
high, as well."""
SIDE, EDGE = 17 * MM, 16 * MM
_RUNNING = 7 * MM
"""Height of the lines above and below the text."""
WIDTH = PAGE[0] - 2 * SIDE
HEIGHT = PAGE[1] - 2 * EDGE - 2 * _RUNNING
FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
"""The fonts of the pictures, which come with matplotlib."""
INK, QUIET, LINE, SHADE = "#111111", "#4a4a4a", "#8a8a8a", "#ececec"
LEFT, CENTRE, RIGHT = 0, 1, 2
_SMALL = 8.0
_TOTAL = "pages"

Parts = list[Any]
"""Parts of a page, one below the other."""


def document(
    pages: Sequence[Parts],
    title: str,
    author: str,
    subject: str,
    dated: str,
    running: Callable[[int], tuple[str, str, str]],
) -> bytes:
    """A PDF of so many pages, each made smaller where its parts would not fit; the same bytes every time.

    dated: the day in its properties, YYYYMMDD; not today, which would make another file each time.
    running: of a page's number from 1, the texts above on the left and right, and below; the lower right
    corner counts the pages.
    """
    from reportlab.platypus import (
        BaseDocTemplate,
        CallerMacro,
        Frame,
        KeepInFrame,
        PageBreak,
        PageTemplate,
    )

    _register_fonts()
    buffer = io.BytesIO()
    made = BaseDocTemplate(
        buffer, pagesize=PAGE, invariant=1, lang="en", title=title, author=author, subject=subject,
        creator=author, initialFontName=FONT,
    )  # fmt: skip
    inside = {f"{side}Padding": 0 for side in ("left", "right", "top", "bottom")}
    frame = Frame(SIDE, EDGE + _RUNNING, WIDTH, HEIGHT, **inside)

    def draw(canvas: Any, _: object) -> None:
        canvas.setDateFormatter(lambda *_: f"D:{dated}000000")
        _running_lines(canvas, *running(canvas.getPageNumber()))

    made.addPageTemplates([PageTemplate(frames=[frame], onPage=draw)])
    story: Parts = []
    for number, parts in enumerate(pages):
        story += [PageBreak()] if number else []
        story.append(KeepInFrame(WIDTH, HEIGHT, parts, mode="shrink"))
    story.append(CallerMacro(lambda macro: _count_pages(macro.canv)))
    made.build(story)
    return buffer.getvalue()


def text(markup: str, size: float, colour: str = INK, align: int = LEFT) -> Any:
    """A paragraph of reportlab's markup; what comes from a study has to be escaped."""
    return _paragraph(markup, fontSize=size, leading=size * 1.28, textColor=colour, alignment=align)


def heading(markup: str) -> Any:
    """Above a part of the page."""
    return _paragraph(f"<b>{markup}</b>", fontSize=10, leading=13, spaceBefore=8, spaceAfter=3)


def caption(markup: str) -> Any:
    """Below a picture."""
    return text(markup, 8, QUIET)


def gap(height: float) -> Any:
    """Nothing, so high."""
    from reportlab.platypus import Spacer

    return Spacer(0, height)


def picture(png: bytes, width: float, height: float) -> Any:
    """A picture as large as fits into width and height."""
    from reportlab.platypus import Image

    return Image(io.BytesIO(png), width=width, height=height, kind="proportional", hAlign="LEFT")


def aspect(png: bytes) -> float:
    """Width of a picture by its height."""
    from reportlab.lib.utils import ImageReader

    wide, high = ImageReader(io.BytesIO(png)).getSize()
    return float(wide / high)


def grid(
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    rules: Sequence[tuple[Any, ...]] = (),
    padding: tuple[float, float] = (4, 3),
) -> Any:
    """Cells in rows and columns, each a part or a list of parts; rules are those of reportlab's tables.

    padding: beside and above or below the content of a cell.
    """
    from reportlab.platypus import Table

    everywhere = ((0, 0), (-1, -1))
    usual = [
        # Empty cells too name a font, and one that is not embedded otherwise.
        ("FONTNAME", *everywhere, FONT),
        ("VALIGN", *everywhere, "TOP"),
        ("LEFTPADDING", *everywhere, padding[0]),
        ("RIGHTPADDING", *everywhere, padding[0]),
        ("TOPPADDING", *everywhere, padding[1]),
        ("BOTTOMPADDING", *everywhere, padding[1]),
    ]
    return Table(
        [list(row) for row in rows], colWidths=list(widths), style=[*usual, *rules], hAlign="LEFT"
    )


def height(parts: Parts, width: float = WIDTH) -> float:
    """How high parts stand, one below the other."""
    _register_fonts()
    total = 0.0
    for part in parts:
        total += part.getSpaceBefore() + part.wrap(width, 10 * HEIGHT)[1] + part.getSpaceAfter()
    return total


def _paragraph(markup: str, **style: Any) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    _register_fonts()
    markup = "".join(
        run if font == FONT else f'<font name="{font}">{run}</font>' for font, run in _runs(markup)
    )
    return Paragraph(markup, ParagraphStyle("paper", fontName=FONT, splitLongWords=True, **style))


def _runs(line: str) -> list[tuple[str, str]]:
    """(font, text) of what follows one another: FONT, or an East Asian one where FONT has no glyph."""
    from reportlab.pdfbase.pdfmetrics import getFont

    _register_fonts()
    known = getFont(FONT).face.charToGlyph
    fonts = (FONT if ord(sign) in known else _east_asian(sign) for sign in line)
    runs = groupby(zip(fonts, line, strict=True), key=lambda pair: pair[0])
    return [(font, "".join(sign for _, sign in run)) for font, run in runs]


def _east_asian(sign: str) -> str:
    """A font that PDF viewers bring along (ISO 32000-1, 9.7.5.2) and that has the sign."""
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont

    block = unicodedata.name(sign, "").split(" ")[0]
    name = {
        "HANGUL": "HYSMyeongJo-Medium",
        "HIRAGANA": "HeiseiMin-W3",
        "KATAKANA": "HeiseiMin-W3",
    }.get(block, "STSong-Light")
    registerFont(UnicodeCIDFont(name))
    return name


def _draw(canvas: Any, x: float, y: float, line: str) -> None:
    for font, run in _runs(line):
        canvas.setFont(font, _SMALL)
        canvas.drawString(x, y, run)
        x += canvas.stringWidth(run, font, _SMALL)


def _running_lines(canvas: Any, left: str, right: str, below: str) -> None:
    canvas.saveState()
    canvas.setFont(FONT, _SMALL)
    canvas.setFillColor(QUIET)
    top, end = PAGE[1] - EDGE - _SMALL, PAGE[0] - SIDE
    _draw(canvas, SIDE, top, _cut(left, WIDTH * 0.6))
    canvas.setFont(FONT, _SMALL)
    canvas.drawRightString(end, top, right)
    _draw(canvas, SIDE, EDGE, _cut(below, WIDTH * 0.8))
    canvas.setFont(FONT, _SMALL)
    canvas.drawRightString(end - 1.2 * _SMALL, EDGE, f"page {canvas.getPageNumber()} of")
    canvas.translate(end - 0.8 * _SMALL, EDGE)
    canvas.doForm(_TOTAL)
    canvas.restoreState()


def _count_pages(canvas: Any) -> None:
    """Say on every page how many there are, which is known when the last one is drawn."""
    canvas.beginForm(_TOTAL, 0, -_SMALL, 3 * _SMALL, 2 * _SMALL)
    canvas.setFont(FONT, _SMALL)
    canvas.setFillColor(QUIET)
    canvas.drawString(0, 0, str(canvas.getPageNumber()))
    canvas.endForm()


def _cut(line: str, width: float) -> str:
    """A line that fits into a width, with a mark if it was longer."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    def wide(shown: str) -> float:
        return float(sum(stringWidth(run, font, _SMALL) for font, run in _runs(shown)))

    if wide(line) <= width:
        return line
    while line and wide(f"{line}…") > width:
        line = line[:-1]
    return f"{line}…"


def _register_fonts() -> None:
    """Let reportlab know the fonts; nothing if it does."""
    import matplotlib
    from reportlab import rl_config
    from reportlab.lib.fonts import addMapping
    from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    if BOLD in getRegisteredFontNames():
        return
    # Binary streams: text (ASCII85) is a quarter longer and takes seconds a report in Python.
    rl_config.useA85 = 0
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for bold, name in enumerate((FONT, BOLD)):
        registerFont(TTFont(name, str(folder / f"{name}.ttf")))
        for italic in (0, 1):
            addMapping(FONT, bold, italic, name)
