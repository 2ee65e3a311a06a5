import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.core.errors import InputError, StudyError, UsageError
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import ReportContext, write
from deepvein.reports.writing import ARRIVING
from deepvein.screening.record import RECORD, context_of, load_screening
from deepvein.studies.reading import read_study
from deepvein.studies.study import Study
from unit.reports.legs import POINT, screening
from unit.reports.series import orientation_grid, write_series


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Screening, Path]:
    """A screening of a DICOM study, and the folder with its record."""
    return save(tmp_path, Verdict.SUSPECTED)


def save(folder: Path, verdict: Verdict) -> tuple[Screening, Path]:
    grid = orientation_grid("axial")
    write_series(screening(grid=grid).study.volume, folder / "study")
    study = read_study(folder / "study")
    said = screening(verdict=verdict, grid=study.volume.grid)
    chance = None if said.probability is None else said.probability - 1 / 3e5  # as models give them
    result = dataclasses.replace(said, study=study, probability=chance)
    settings = ReportContext(settings=POINT)
    write(result, folder / "out", RECORD, context=settings)
    return result, folder / "out"


def test_what_was_saved_comes_back(saved: tuple[Screening, Path]) -> None:
    result, folder = saved
    again = load_screening(folder)
    assert again.verdict == result.verdict
    assert again.probability == pytest.approx(result.probability, abs=1e-6)
    assert (again.operating_point, again.provenance) == (result.operating_point, result.provenance)
    (one,), (other,) = result.findings, again.findings
    assert {tuple(index) for index in one.indices} == {tuple(index) for index in other.indices}
    for field in dataclasses.fields(one):
        if field.name not in {"indices", "segments"}:
            assert getattr(other, field.name) == pytest.approx(getattr(one, field.name), abs=1e-6)
    assert [share.segment for share in other.segments] == [share.segment for share in one.segments]
    first, second = result.prediction, again.prediction
    assert first is not None
    assert second is not None
    assert ((first.vein_probability >= 128) == (second.vein_probability == 255)).all()
    assert (first.territories.array == second.territories.array).all()
    assert np.allclose(first.profile.probability, second.profile.probability, atol=1e-4)
    assert second.models == first.models


@pytest.mark.parametrize("verdict", Verdict)
def test_reports_of_the_saved_are_those_of_the_first(tmp_path: Path, verdict: Verdict) -> None:
    result, folder = save(tmp_path, verdict)
    names = ["seg", *RECORD]
    for where, said in (("now", result), ("later", load_screening(folder))):
        write(said, tmp_path / where, names)
    files = sorted(path.name for path in (tmp_path / "now").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "later").iterdir())
    for name in set(files) - {"manifest.json"}:
        now, later = ((tmp_path / where / name).read_bytes() for where in ("now", "later"))
        assert now == later, name


def test_what_no_model_was_asked_about_comes_back(tmp_path: Path) -> None:
    result, _ = save(tmp_path, Verdict.NOT_ASSESSABLE)
    write(dataclasses.replace(result, prediction=None, tree=None), tmp_path / "unasked", RECORD)
    again = load_screening(tmp_path / "unasked")
    assert again.prediction is None
    assert again.verdict is Verdict.NOT_ASSESSABLE


def test_later_reports_join_the_first(saved: tuple[Screening, Path]) -> None:
    _, folder = saved
    done = CliRunner().invoke(app, ["report", str(folder), "--write", "seg,html", "--json"])
    assert done.exit_code == 0, done.output
    assert {Path(path).name for path in json.loads(done.stdout)["written"]} == {
        "thrombi.dcm",
        "veins.dcm",
        "report.html",
        "manifest.json",
    }
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["reports"] == ["nifti", "json", "seg", "html"]
    assert manifest["settings"]["name"] == POINT.name
    assert (folder / "findings.json").is_file()


def test_a_study_that_moved_is_named(saved: tuple[Screening, Path]) -> None:
    _, folder = saved
    study = folder.parent / "study"
    study.rename(folder.parent / "elsewhere")
    with pytest.raises(StudyError, match="does not exist"):
        load_screening(folder)
    assert load_screening(folder, study=folder.parent / "elsewhere").findings


def test_a_study_that_changed_is_refused(saved: tuple[Screening, Path]) -> None:
    _, folder = saved
    last = max((folder.parent / "study").iterdir())
    last.unlink()
    with pytest.raises(StudyError, match="does not hold the files"):
        load_screening(folder)


def test_what_is_no_record_is_refused(saved: tuple[Screening, Path], tmp_path: Path) -> None:
    result, folder = saved
    write(result, tmp_path / "little", ["json"])
    with pytest.raises(UsageError, match="lacks the reports nifti"):
        context_of(tmp_path / "little")
    with pytest.raises(UsageError, match=r"holds no manifest\.json"):
        load_screening(tmp_path)
    (folder / "findings.json").write_text("{")
    with pytest.raises(InputError, match=r"findings\.json cannot be read"):
        load_screening(folder)


def test_a_folder_that_is_being_written_to_is_not_read(
    saved: tuple[Screening, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are replaced one by one: some would be of one screening and some of another."""
    _, folder = saved
    manifest = (folder / "manifest.json").read_text()
    (folder / ARRIVING).write_text(manifest)
    with pytest.raises(UsageError, match="is being written to, or a run was ended"):
        load_screening(folder)
    (folder / ARRIVING).unlink()

    def replaced(*_: object, **__: object) -> Study:
        changed = json.loads(manifest)
        changed["times"]["screening_seconds"] += 1
        (folder / "manifest.json").write_text(json.dumps(changed))
        return read_study(folder.parent / "study")

    monkeypatch.setattr("deepvein.screening.record.read_study", replaced)
    with pytest.raises(UsageError, match="was written to while it was read"):
        load_screening(folder)
