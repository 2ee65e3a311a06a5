import dataclasses
from pathlib import Path

import pytest

from deepvein.findings.finding import Occlusion
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import sheet as sheet_module
from deepvein.reports.sheet import sheet
from deepvein.studies.study import Modality, Remark
from peers.programs import call
from unit.reports.legs import screening


def pages(result: Screening, folder: Path) -> list[str]:
    """The words of each page, as they are selected."""
    path = folder / "sheet.pdf"
    path.write_bytes(sheet(result))
    return [" ".join(page.split()) for page in call("pdftotext", path, "-").split("\f")[:-1]]


def test_the_first_page_holds_what_decides(tmp_path: Path) -> None:
    result = screening()
    (one,) = result.findings
    length, volume = f"{one.extent_mm:.0f} mm", f"{one.volume_ml:.1f} ml"
    first, second = pages(result, tmp_path)
    for said in (
        "Phantom, One", "P1", "DVT suspected", "96 %", "at or above the operating point “balanced”",
        "left femoral and popliteal veins", length, volume, "93 %", "occlusive", "Research use only",
        "Synthetic study", "page 1 of 2", "z from",
    ):  # fmt: skip
        assert said in first, said
    for said in ("Phantom, One", "ct-veins 0.1.0", "not a medical device", "Axial, with outline"):
        assert said in second, said


def test_a_negative_study_has_one_page_with_its_limits(tmp_path: Path) -> None:
    (page,) = pages(screening(Modality.MR, Verdict.NOT_SUSPECTED), tmp_path)
    for said in ("No DVT found", "MR venography", "The calves are not covered", "Methods"):
        assert said in page, said


def test_what_no_model_was_asked_about_says_why(tmp_path: Path) -> None:
    result = screening(verdict=Verdict.NOT_ASSESSABLE)
    result = dataclasses.replace(result, prediction=None, tree=None)
    text = " ".join(pages(result, tmp_path))
    assert "Cannot be assessed" in text
    assert "Why it cannot be assessed" in text
    assert "no model was asked" in text
    assert "probability of DVT in this study" not in text


def test_many_findings_and_remarks_still_take_two_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_module, "ILLUSTRATED", 2)
    result = screening()
    wide = dataclasses.replace(
        result.findings[0], extent_mm=1234.0, volume_ml=123.4, occlusion=Occlusion.UNDETERMINED
    )
    findings = tuple(dataclasses.replace(wide, number=number) for number in range(1, 14))
    remarks = tuple(Remark("odd", f"Remark {number}: " + "long " * 60) for number in range(30))
    first, second = pages(dataclasses.replace(result, findings=findings, remarks=remarks), tmp_path)
    assert "1234 mm 123.4 ml 16 mm not known" in first
    assert "3 more stand in findings.json" in first
    assert (
        "No. Side and veins z from – to, mm Length Volume Diameter Occlusion Probability" in first
    )
    assert "Remark 29" in second


def test_texts_of_the_study_are_no_markup(tmp_path: Path) -> None:
    first, _ = pages(screening(patient_name="O<b>rst^A & B"), tmp_path)
    assert "O<b>rst, A & B" in first


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou"),
        ("=山田^太郎=やまだ^たろう", "山田, 太郎"),
        ("やまだ^たろう", "やまだ, たろう"),
        ("김^희중", "김, 희중"),
        ("王^小东", "王, 小东"),
        ("Łukasiewicz^Żaneta", "Łukasiewicz, Żaneta"),
        ("Иванов^Пётр", "Иванов, Пётр"),
    ],
)
def test_names_of_all_tongues_are_on_both_pages(tmp_path: Path, name: str, shown: str) -> None:
    result = screening()
    identity = dataclasses.replace(result.study.identity, patient_name=name)
    result = dataclasses.replace(result, study=dataclasses.replace(result.study, identity=identity))
    for page in pages(result, tmp_path):
        assert shown in page


def test_the_clock_and_the_machine_leave_no_trace() -> None:
    result = screening(verdict=Verdict.NOT_SUSPECTED)
    later = dataclasses.replace(result.provenance, created="2026-02-03T04:05:06+00:00")
    slower = dataclasses.replace(result.prediction, seconds=99.0, device="cuda")
    other = dataclasses.replace(result, provenance=later, prediction=slower, seconds=100.0)
    assert sheet(other) == sheet(result)
