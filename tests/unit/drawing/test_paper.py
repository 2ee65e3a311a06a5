from pathlib import Path

import pytest

from deepvein.drawing import paper
from peers.programs import call


def made(*pages: paper.Parts) -> bytes:
    return paper.document(
        pages,
        "A title",
        "An author",
        "A subject",
        "20240229",
        lambda page: (f"<{page}>", "right", "below"),
    )


def written(folder: Path, content: bytes) -> Path:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return path


def test_the_same_parts_give_the_same_bytes() -> None:
    assert made([paper.text("one", 9)]) == made([paper.text("one", 9)])


def test_texts_are_letters_and_pages_are_counted(tmp_path: Path) -> None:
    table = paper.grid([["", paper.text("Žofie &amp; 5 µm ≥ 2", 9)]], [50, 200])
    path = written(tmp_path, made([paper.heading("First"), table], [paper.text("Second", 9)]))
    first, second, _ = call("pdftotext", "-layout", path, "-").split("\f")
    assert "First" in first
    assert "Žofie & 5 µm ≥ 2" in first
    assert "<1>" in first
    assert "page 1 of 2" in " ".join(first.split())
    assert "page 2 of 2" in " ".join(second.split())


def test_fonts_are_embedded_and_the_properties_are_set(tmp_path: Path) -> None:
    path = written(tmp_path, made([paper.grid([["", paper.text("<b>bold</b>", 9)]], [50, 200])]))
    fonts = call("pdffonts", path).splitlines()[2:]
    assert len(fonts) == 2
    assert all("DejaVuSans" in line and " yes yes yes " in line for line in fonts)
    said = call("pdfinfo", path)
    assert "Title:           A title" in said
    assert "Author:          An author" in said
    assert "Feb 29 00:00:00 2024" in said


def test_too_much_for_a_page_is_made_smaller(tmp_path: Path) -> None:
    lines = [paper.text(f"line {number}", 9) for number in range(150)]
    path = written(tmp_path, made(lines))
    assert "Pages:           1" in call("pdfinfo", path)
    assert "line 149" in call("pdftotext", path, "-")


def test_what_is_drawn_stands_on_letter_too(tmp_path: Path) -> None:
    """Letter is 6 mm wider and 18 mm lower than A4; a printer leaves out a quarter of an inch besides."""
    spared = (297 - 279.4) / 2 + 6.4
    assert spared < paper.EDGE / paper.MM
    lines = [paper.text("line", 9) for _ in range(150)]
    path = written(tmp_path, made(lines))
    inked = tmp_path / "page"
    call("pdftoppm", "-r", "72", "-gray", path, inked)
    header, _, rest = (tmp_path / "page-1.pgm").read_bytes().partition(b"255\n")
    columns, rows = (int(word) for word in header.split()[1:3])
    dark = [row for row in range(rows) if min(rest[row * columns : (row + 1) * columns]) < 128]
    assert dark[0] >= spared * paper.MM
    assert dark[-1] <= rows - spared * paper.MM


def test_height_counts_the_space_between_parts() -> None:
    alone = paper.height([paper.text("one", 10)])
    assert alone == pytest.approx(12.8)
    assert paper.height([paper.text("one", 10), paper.gap(5)]) == pytest.approx(17.8)
    assert paper.height([]) == 0
    assert paper.height([paper.text("word " * 60, 10)], 100) > 5 * alone
