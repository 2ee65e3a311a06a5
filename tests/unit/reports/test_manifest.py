import hashlib
import json
from pathlib import Path

import pytest

from deepvein.reports import manifest
from deepvein.reports.manifest import inputs, write_manifest
from deepvein.reports.writer import ReportContext
from deepvein.studies.study import Format, Origin, Study
from unit.reports.legs import MODEL, screening


def study_of(*paths: Path) -> Study:
    return screening(origin_of=Origin(paths[0].parent, Format.DICOM, paths)).study


def files(folder: Path, *texts: str) -> tuple[Path, ...]:
    folder.mkdir(exist_ok=True)
    paths = tuple(folder / f"{number}.dcm" for number in range(len(texts)))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def test_inputs_are_counted_and_hashed(tmp_path: Path) -> None:
    found = inputs(study_of(*files(tmp_path, "a", "bc")))
    assert (found["count"], found["bytes"], found["missing"]) == (2, 3, 0)
    assert [entry["name"] for entry in found["files"]] == ["0.dcm", "1.dcm"]
    assert found["files"][0]["sha256"] == hashlib.sha256(b"a").hexdigest()


def test_common_hash_depends_on_content_alone(tmp_path: Path) -> None:
    one = inputs(study_of(*files(tmp_path / "one", "a", "b")))["sha256"]
    turned = inputs(study_of(*files(tmp_path / "two", "b", "a")))["sha256"]
    other = inputs(study_of(*files(tmp_path / "three", "a", "c")))["sha256"]
    assert one == turned != other


def test_many_files_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "LISTED_FILES", 1)
    found = inputs(study_of(*files(tmp_path, "a", "b")))
    assert found["files"] == []
    assert found["count"] == 2


def test_files_that_are_gone_are_said_to_be(tmp_path: Path) -> None:
    paths = files(tmp_path, "a", "b")
    paths[1].unlink()
    assert inputs(study_of(*paths))["missing"] == 1


def test_outputs_and_models_are_named(tmp_path: Path) -> None:
    (tmp_path / "findings.json").write_text("{}")
    context = ReportContext(outputs=(tmp_path / "findings.json",))
    (path,) = write_manifest(screening(), tmp_path, context)
    document = json.loads(path.read_text())
    assert document["outputs"] == [
        {"name": "findings.json", "bytes": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}
    ]
    assert document["models"][0]["sha256"] == MODEL.sha256
    assert document["times"]["screening_seconds"] == 2.25
    assert document["settings"] is None
