import dataclasses
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from deepvein.anatomy.veins import Side
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.findings_json import document, findings_report
from deepvein.studies.study import Modality
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, origin_of, write_enhanced, write_series

SCHEMA = json.loads(files("deepvein.reports").joinpath("schema/findings-1.json").read_text())


def write_findings(result: Screening, folder: Path) -> Path:
    (made,) = findings_report(result).documents
    made.save(folder / made.name)
    return folder / made.name


def test_schema_is_valid_and_published_as_it_is_shipped() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    published = Path(__file__).parents[3] / "docs" / "schema" / "findings-1.json"
    assert json.loads(published.read_text()) == SCHEMA


@pytest.mark.parametrize("modality", Modality)
@pytest.mark.parametrize("verdict", Verdict)
def test_document_fits_the_schema(verdict: Verdict, modality: Modality, tmp_path: Path) -> None:
    path = write_findings(screening(modality, verdict), tmp_path)
    written = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(written)
    assert written["verdict"] == verdict.name.lower()
    assert (written["probability"] is None) == (verdict is Verdict.NOT_ASSESSABLE)
    assert len(written["findings"]) == (verdict is Verdict.SUSPECTED)


def test_every_key_is_described(tmp_path: Path) -> None:
    """The schema allows more than it names, so that what we write must be checked the other way too."""
    assert _undescribed(document(screening()), SCHEMA, "") == []


def _undescribed(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        return [x for entry in value for x in _undescribed(entry, schema["items"], where + "[]")]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    known = schema["properties"]
    missing = [f"{where}.{key}" for key in value if key not in known]
    return missing + [
        x
        for key, entry in value.items()
        if key in known
        for x in _undescribed(entry, known[key], f"{where}.{key}")
    ]


def test_lesion_says_where_it_is() -> None:
    result = screening()
    grid = result.prediction.grid
    (lesion,) = document(result)["findings"]
    assert lesion["side"] == "left"
    assert lesion["side_code"] == "7771000"
    assert lesion["place"] == "left femoral and popliteal veins"
    assert [s["code"] for s in lesion["segments"]] == ["83419000", "56849005"]
    assert sum(s["volume_ml"] for s in lesion["segments"]) == pytest.approx(lesion["volume_ml"])
    box = lesion["bounding_box"]
    inside = np.zeros(grid.shape, dtype=bool)
    inside[tuple(slice(a, b) for a, b in zip(box["start"], box["stop"], strict=True))] = True
    assert inside[tuple(result.findings[0].indices.T)].all()
    # The outer corners reach half a voxel beyond the outermost centres.
    assert box["lowest_mm"][2] == pytest.approx(lesion["start_mm"] - grid.spacing_mm[0] / 2)
    assert box["highest_mm"][2] == pytest.approx(lesion["end_mm"] + grid.spacing_mm[0] / 2)
    assert lesion["key_image"] is None
    assert lesion["tracking_uid"] == result.findings[0].tracking_uid


@pytest.mark.parametrize("name", ["axial", "sagittal", "prone"])
def test_key_image_is_the_source_file_of_the_key_slice(name: str, tmp_path: Path) -> None:
    grid = orientation_grid(name)
    paths = write_series(screening(grid=grid).study.volume, tmp_path)
    # The order of the files says nothing: the frame is found by where it lies.
    shuffled = paths[::-1]
    result = screening(grid=grid, origin_of=origin_of(tmp_path, shuffled))
    (lesion,) = document(result)["findings"]
    key = lesion["key_slice"]
    assert lesion["key_image"]["sop_instance_uid"].endswith(f"5.{key + 1}")
    assert lesion["key_image"]["instance_number"] == key + 1
    assert lesion["key_image"]["frame_number"] is None


def test_key_frame_of_an_enhanced_image(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    path = write_enhanced(screening(grid=grid).study.volume, tmp_path / "all.dcm")
    result = screening(grid=grid, origin_of=origin_of(path, (path,)))
    (lesion,) = document(result)["findings"]
    assert lesion["key_image"]["frame_number"] == lesion["key_slice"] + 1


def test_what_is_not_a_number_is_null(tmp_path: Path) -> None:
    result = screening()
    odd = dataclasses.replace(
        result.findings[0], mean_intensity=float("nan"), side=Side.UNKNOWN, segments=()
    )
    path = write_findings(dataclasses.replace(result, findings=(odd,)), tmp_path)
    written = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(written)
    assert written["findings"][0]["mean_intensity"] is None
    assert written["findings"][0]["side_code"] is None


def test_names_keep_their_letters(tmp_path: Path) -> None:
    path = write_findings(screening(patient_name="Müller^Žofie"), tmp_path)
    assert "Müller^Žofie" in path.read_text(encoding="utf-8")


def test_what_has_no_utf8_does_no_harm(tmp_path: Path) -> None:
    """A file's name on the disk may be no UTF-8; Python then hands over a lone surrogate."""
    path = write_findings(screening(patient_name="odd \udcff"), tmp_path)
    assert json.loads(path.read_text(encoding="utf-8"))["study"]["patient_name"] == "odd ?"


def test_a_study_that_no_model_was_asked_about_fits_the_schema(tmp_path: Path) -> None:
    unasked = dataclasses.replace(screening(verdict=Verdict.NOT_ASSESSABLE), prediction=None)
    written = json.loads(write_findings(unasked, tmp_path).read_text())
    Draft202012Validator(SCHEMA).validate(written)
    assert written["models"] == written["profile"]["probability"] == []
