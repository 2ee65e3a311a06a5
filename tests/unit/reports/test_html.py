import base64
import dataclasses
import io
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from deepvein.core.provenance import sha256
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import html
from deepvein.reports.html import html_report, page
from deepvein.reports.writer import ReportContext
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume
from unit.reports.legs import screening


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += " " + data


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


@cache
def standard(modality: Modality, verdict: Verdict = Verdict.SUSPECTED) -> Tags:
    return read(page(screening(modality, verdict)))


@pytest.mark.parametrize("modality", Modality)
@pytest.mark.parametrize("verdict", Verdict)
def test_page_is_self_contained_and_says_what_it_must(verdict: Verdict, modality: Modality) -> None:
    result = screening(modality, verdict)
    tags = standard(modality, verdict)
    assert "not a medical device" in tags.text
    assert "Synthetic study" in tags.text
    assert verdict.value.lower() in tags.text.lower()
    for tag, attributes in tags.tags:
        assert tag not in {"script", "link", "iframe", "object"}
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith(("data:image/png", "data:", "#"))
    for remark in result.remarks:
        assert remark.sentence in tags.text


def test_hostile_names_do_no_harm() -> None:
    hostile = '<script>alert(1)</script>"><img src onerror>'
    text = page(screening(verdict=Verdict.NOT_SUSPECTED, patient_name=hostile))
    tags = read(text)
    assert "<script" not in text
    assert not any("onerror" in attributes for _, attributes in tags.tags)
    assert hostile in tags.text


def test_a_finding_brings_its_pictures_and_numbers() -> None:
    tags = standard(Modality.CT)
    pictures = [a["src"] for tag, a in tags.tags if tag == "img"]
    assert len(pictures) == 1 + 4 + 2
    for source in pictures:
        content = base64.b64decode((source or "").removeprefix("data:image/png;base64,"))
        assert min(Image.open(io.BytesIO(content)).size) > 200
    assert "left femoral and popliteal veins" in tags.text
    assert "48 mm" in tags.text
    assert "15 of 30" in tags.text


def test_mr_shows_the_coronal_plane_too() -> None:
    tags = standard(Modality.MR)
    assert sum(tag == "img" for tag, _ in tags.tags) == 1 + 5 + 2
    assert "Coronal" in tags.text


def test_nothing_is_said_of_sensitivity_that_was_not_measured() -> None:
    result = screening(verdict=Verdict.NOT_SUSPECTED)
    point = dataclasses.replace(result.operating_point, sensitivity=None, specificity=None)
    text = read(page(dataclasses.replace(result, operating_point=point))).text
    assert "has not been measured" in text


def many(result: Screening, count: int) -> Screening:
    findings = tuple(
        dataclasses.replace(result.findings[0], number=number) for number in range(1, count + 1)
    )
    return dataclasses.replace(result, findings=findings)


def test_very_many_findings_are_listed_but_not_all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "ILLUSTRATED", 1)
    tags = read(page(many(screening(), 3)))
    assert sum(tag == "img" for tag, _ in tags.tags) == 1 + 4 + 2
    assert "3 findings" in tags.text


def test_model_card_is_shown_where_its_folder_is_known(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"w")
    (tmp_path / "CARD.md").write_text("Trained on <b>phantoms</b>")
    result = screening(verdict=Verdict.NOT_SUSPECTED)
    model = dataclasses.replace(
        result.prediction.models[0], sha256=sha256(tmp_path / "model.safetensors")
    )
    prediction = dataclasses.replace(result.prediction, models=(model,))
    context = ReportContext(model_folders=(tmp_path,))
    text = page(dataclasses.replace(result, prediction=prediction), context)
    assert "Trained on &lt;b&gt;phantoms&lt;/b&gt;" in text


def test_file_is_utf8(tmp_path: Path) -> None:
    result = screening(verdict=Verdict.NOT_SUSPECTED, patient_name="Žofie")
    (made,) = html_report(result).documents
    path = tmp_path / made.name
    made.save(path)
    assert "Žofie" in path.read_text(encoding="utf-8")


def test_veins_without_a_name_make_a_page() -> None:
    result = screening(verdict=Verdict.NOT_SUSPECTED)
    territories = result.prediction.territories
    nameless = Volume(territories.array * 0, territories.grid)
    prediction = dataclasses.replace(result.prediction, territories=nameless)
    assert "</html>" in page(dataclasses.replace(result, prediction=prediction))


def test_below_the_operating_point_is_said_and_is_no_all_clear() -> None:
    result = dataclasses.replace(screening(verdict=Verdict.NOT_SUSPECTED), probability=0.28)
    tags = read(page(result))
    assert "28 %" in tags.text
    assert "below the operating point “balanced”, 40 %" in " ".join(tags.text.split())
    assert ("section", {"class": "verdict below"}) in tags.tags
    assert "--green" not in page(result)


def test_a_hair_below_the_operating_point_is_seen_to_be() -> None:
    result = dataclasses.replace(screening(verdict=Verdict.NOT_SUSPECTED), probability=0.3996)
    text = " ".join(read(page(result)).text.split())
    assert "39.96 %" in text
    assert "below the operating point “balanced”, 40.00 %" in text
