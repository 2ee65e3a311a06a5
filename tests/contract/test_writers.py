"""What every report writer promises."""

import dataclasses
import json
from pathlib import Path

import pytest

from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import WRITERS, write
from deepvein.reports.manifest import MANIFEST
from deepvein.studies.study import Modality
from unit.reports.legs import coronal_grid, screening
from unit.reports.series import orientation_grid, origin_of, write_series

pytestmark = pytest.mark.parametrize("name", WRITERS.names())


def from_dicom(folder: Path, modality: Modality, verdict: Verdict) -> Screening:
    grid = orientation_grid("axial") if modality is Modality.CT else coronal_grid()
    paths = write_series(screening(modality, grid=grid).study.volume, folder, modality)
    return screening(modality, verdict, grid=grid, origin_of=origin_of(folder, paths))


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("modality", Modality)
def test_writes_whole_files_into_the_folder(
    name: str, modality: Modality, verdict: Verdict, tmp_path: Path
) -> None:
    result = from_dicom(tmp_path / "in", modality, verdict)
    written = write(result, tmp_path / "out", [name])
    silent = name == "manifest" or (name in {"keys", "presentation"} and not result.findings)
    assert (len(written) > 1) is not silent
    assert set(written) == set((tmp_path / "out").iterdir())
    assert all(path.stat().st_size > 0 for path in written)


def test_what_no_model_was_asked_about_is_reported_too(name: str, tmp_path: Path) -> None:
    result = from_dicom(tmp_path / "in", Modality.CT, Verdict.NOT_ASSESSABLE)
    assert write(dataclasses.replace(result, prediction=None), tmp_path / "out", [name])


def test_a_study_that_is_not_dicom_never_fails(name: str, tmp_path: Path) -> None:
    written = write(screening(), tmp_path / "out", [name])
    assert (len(written) > 1) == (name not in {"seg", "sr", "presentation", "keys", "manifest"})


def test_the_source_stays_as_it_was(name: str, tmp_path: Path) -> None:
    result = screening()
    before = result.study.volume.array.copy()
    write(result, tmp_path / "out", [name])
    assert (result.study.volume.array == before).all()


def test_research_use_is_said_wherever_people_read(name: str, tmp_path: Path) -> None:
    if name not in {"html", "json"}:
        pytest.skip("holds no text for people")
    path, _ = write(screening(), tmp_path / "out", [name])
    assert "not a medical device" in path.read_text(encoding="utf-8")


def test_written_twice_replaces_itself(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = from_dicom(tmp_path / "in", Modality.CT, Verdict.SUSPECTED)
    assert write(result, out, [name]) == write(result, out, [name])
    outputs = json.loads((out / MANIFEST).read_text())["outputs"]
    assert {entry["name"] for entry in outputs} | {MANIFEST} == {
        path.name for path in out.iterdir()
    }


def test_the_same_screening_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    result = from_dicom(tmp_path / "in", Modality.CT, Verdict.SUSPECTED)
    *one, _ = write(result, tmp_path / "one", [name])
    *other, _ = write(result, tmp_path / "other", [name])
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
