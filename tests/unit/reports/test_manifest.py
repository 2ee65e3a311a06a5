import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from deepvein.reports import write
from deepvein.reports.manifest import MANIFEST, Manifest, inputs, manifest_of, read_manifest
from deepvein.studies.study import Format, Origin, Study
from unit.reports.legs import MODEL, UID, screening


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
    assert (found.count, found.bytes, found.missing) == (2, 3, 0)
    assert [entry.name for entry in found.files] == ["0.dcm", "1.dcm"]
    assert found.files[0].sha256 == hashlib.sha256(b"a").hexdigest()


def test_common_hash_depends_on_content_alone(tmp_path: Path) -> None:
    one = inputs(study_of(*files(tmp_path / "one", "a", "b"))).sha256
    turned = inputs(study_of(*files(tmp_path / "two", "b", "a"))).sha256
    other = inputs(study_of(*files(tmp_path / "three", "a", "c"))).sha256
    assert one == turned != other


def test_files_that_are_gone_are_said_to_be(tmp_path: Path) -> None:
    paths = files(tmp_path, "a", "b")
    paths[1].unlink()
    assert inputs(study_of(*paths)).missing == 1


def test_outputs_and_models_are_named(tmp_path: Path) -> None:
    write(screening(), tmp_path, ["json"])
    document = json.loads((tmp_path / MANIFEST).read_text())
    content = (tmp_path / "findings.json").read_bytes()
    assert document["outputs"] == [
        {
            "name": "findings.json",
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "report": "json",
        }
    ]
    assert document["reports"] == ["json"]
    assert document["models"][0]["sha256"] == MODEL.sha256
    assert document["times"]["screening_seconds"] == 2.25
    assert document["settings"] is None


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    write(screening(), tmp_path, ["json"])
    found = read_manifest(tmp_path / MANIFEST)
    assert found is not None
    assert (found.patient_id, found.study_uid) == ("P1", f"{UID}1")
    assert found.answer.places == "left femoral and popliteal veins"
    assert found.models == (MODEL,)


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "deepvein/manifest/2"}'])
def test_what_we_did_not_write_is_no_manifest(text: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(text)
    assert read_manifest(tmp_path / MANIFEST) is None
    assert read_manifest(tmp_path / "other.json") is None


def owned(folder: Path, study: Study) -> Manifest:
    result = dataclasses.replace(screening(), study=study)
    return manifest_of(result, inputs(study), (), (), ())


def identified(study: Study, **changes: str) -> Study:
    return dataclasses.replace(study, identity=dataclasses.replace(study.identity, **changes))


def test_the_same_study_may_grow_or_move(tmp_path: Path) -> None:
    grown = study_of(*files(tmp_path / "one", "a", "b", "c"))
    first = owned(tmp_path, study_of(*files(tmp_path / "one", "a", "b")))
    moved = study_of(*files(tmp_path / "two", "b", "d"))
    for study in (grown, moved):
        assert first.is_of(study, inputs(study))


def test_another_patient_or_study_is_not_the_same(tmp_path: Path) -> None:
    study = study_of(*files(tmp_path / "one", "a", "b"))
    first = owned(tmp_path, study)
    for other in (identified(study, patient_id="P2"), identified(study, study_uid="1.2")):
        assert not first.is_of(other, inputs(other))


def test_without_identifiers_only_a_common_file_tells(tmp_path: Path) -> None:
    """Anonymisers give all patients one identity; a NIfTI file has none."""
    nameless = {"patient_id": "", "patient_name": "", "study_uid": ""}
    study = identified(study_of(*files(tmp_path / "one", "a")), **nameless)
    first = owned(tmp_path, study)
    assert first.is_of(study, inputs(study))
    other = identified(study_of(*files(tmp_path / "one", "b")), **nameless)
    assert not first.is_of(other, inputs(other))


def test_one_identity_for_all_patients_is_told_apart_by_files(tmp_path: Path) -> None:
    first = owned(tmp_path, study_of(*files(tmp_path / "one", "a")))
    other = study_of(*files(tmp_path / "two", "b"))
    assert not first.is_of(other, inputs(other))
