"""What every report writer promises."""

import json
from pathlib import Path

import pytest

from deepvein.findings.screening import Verdict
from deepvein.reports import WRITERS, write
from deepvein.studies.study import Format, Modality, Origin
from unit.reports.legs import coronal_grid, screening
from unit.reports.series import orientation_grid, write_series

pytestmark = pytest.mark.parametrize("name", WRITERS.names())


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("modality", Modality)
def test_writes_whole_files_into_the_folder(
    name: str, modality: Modality, verdict: Verdict, tmp_path: Path
) -> None:
    grid = orientation_grid("axial") if modality is Modality.CT else coronal_grid()
    volume = screening(modality, grid=grid).study.volume
    paths = write_series(volume, tmp_path / "in", modality)
    origin = Origin(tmp_path / "in", Format.DICOM, paths, (paths,))
    result = screening(modality, verdict, grid=grid, origin_of=origin)
    written = WRITERS.get(name)(result, _folder(tmp_path))
    assert written
    assert set(written) == set((tmp_path / "out").iterdir())
    assert all(path.stat().st_size > 0 for path in written)


def test_a_study_that_is_not_dicom_never_fails(name: str, tmp_path: Path) -> None:
    written = WRITERS.get(name)(screening(), _folder(tmp_path))
    assert bool(written) == (name != "seg")


def test_the_source_stays_as_it_was(name: str, tmp_path: Path) -> None:
    result = screening()
    before = result.study.volume.array.copy()
    WRITERS.get(name)(result, _folder(tmp_path))
    assert (result.study.volume.array == before).all()


def test_research_use_is_said_wherever_people_read(name: str, tmp_path: Path) -> None:
    if name not in {"html", "json"}:
        pytest.skip("holds no text for people")
    (path,) = WRITERS.get(name)(screening(), _folder(tmp_path))
    assert "not a medical device" in path.read_text(encoding="utf-8")


def test_written_twice_with_its_manifest_replaces_itself(name: str, tmp_path: Path) -> None:
    names = (name, "manifest")
    assert write(screening(), tmp_path / "out", names) == write(
        screening(), tmp_path / "out", names
    )
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text())["outputs"]
    assert {entry["name"] for entry in listed} | {"manifest.json"} == {
        path.name for path in (tmp_path / "out").iterdir()
    }


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
