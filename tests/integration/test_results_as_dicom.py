"""What others make of our results: validators, readers and a PACS that know nothing of us."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from deepvein.anatomy.veins import Side
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import WRITERS, write
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.resample import resample
from peers.orthanc import Orthanc
from peers.programs import call
from unit.reports.legs import finding, positions, screening, thrombus
from unit.reports.series import orientation_grid, origin_of, write_enhanced, write_series

NAMES = ("seg", "sr", "presentation", "keys", "pdf")
"""The writers of DICOM objects."""


def both_legs(result: Screening) -> Screening:
    """With a thrombus in the right leg as well."""
    grid = result.study.volume.grid
    right = finding(thrombus(positions(grid), Side.RIGHT), grid, 2, Side.RIGHT)
    return dataclasses.replace(result, findings=(*result.findings, right))


def classic(folder: Path, verdict: Verdict = Verdict.SUSPECTED) -> Screening:
    grid = orientation_grid("axial")
    paths = write_series(screening(grid=grid).study.volume, folder)
    result = screening(verdict=verdict, grid=grid, origin_of=origin_of(folder, paths))
    return both_legs(result) if result.findings else result


def enhanced(folder: Path) -> Screening:
    grid = orientation_grid("feet first")
    path = write_enhanced(screening(grid=grid).study.volume, folder / "all.dcm")
    return both_legs(screening(grid=grid, origin_of=origin_of(path, (path,))))


def stations(folder: Path) -> Screening:
    """MR in two overlapping stations, each a series with a frame of reference of its own."""
    upper = Grid.from_directions((12, 50, 80), (8.0, 3.0, 4.0), (-158, -40, -300), CORONAL)
    lower = Grid.from_directions((12, 50, 80), (8.0, 3.0, 4.0), (-158, -40, -405), CORONAL)
    merged = Grid.from_directions((12, 85, 80), (8.0, 3.0, 4.0), (-158, -40, -300), CORONAL)
    whole = screening(Modality.MR, grid=merged).study.volume
    series = [
        write_series(resample(whole, grid), folder / str(number), Modality.MR, number)
        for number, grid in ((7, upper), (8, lower))
    ]
    return both_legs(screening(Modality.MR, grid=merged, origin_of=origin_of(folder, *series)))


STUDIES: dict[str, Callable[[Path], Screening]] = {
    "classic": classic,
    "enhanced": enhanced,
    "stations": stations,
    "negative": lambda folder: classic(folder, Verdict.NOT_SUSPECTED),
    "not assessable": lambda folder: classic(folder, Verdict.NOT_ASSESSABLE),
}

EXPECTED = {
    "classic": ["keys", "presentation", "report_pdf", "sr_assessment", "sr_thrombi", "thrombi", "veins"],
    "enhanced": ["keys", "presentation", "report_pdf", "sr_assessment", "sr_thrombi", "thrombi", "veins"],
    "stations": ["keys", "presentation", "report_pdf", "sr_assessment", "sr_thrombi", "thrombi_1",
                 "thrombi_2", "veins_1", "veins_2"],
    "negative": ["report_pdf", "sr_assessment", "veins"],
    "not assessable": ["report_pdf", "sr_assessment", "veins"],
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Result:
    """A study's images and the DICOM objects that were written about it."""

    kind: str
    images: tuple[Path, ...]
    objects: tuple[Path, ...]


@pytest.fixture(scope="module", params=STUDIES)
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("study")
    made = STUDIES[request.param](folder / "in")
    written = write(made, folder / "out", NAMES)
    objects = tuple(path for path in written if path.suffix == ".dcm")
    return Result(request.param, made.study.origin.paths, objects)


def test_there_is_what_a_study_of_its_kind_has(result: Result) -> None:
    assert sorted(path.stem for path in result.objects) == EXPECTED[result.kind]
    series = {str(dcmread(path).SeriesInstanceUID) for path in result.objects}
    srs = sum(path.stem.startswith("sr_") for path in result.objects)
    assert len(series) == len(result.objects) - srs + 1
    assert len({dcmread(path).StudyInstanceUID for path in (*result.objects, *result.images)}) == 1


def test_dciodvfy_finds_no_error(result: Result) -> None:
    for path in result.objects:
        said = call("dciodvfy", "-new", path)
        errors = [line for line in said.splitlines() if line.startswith("Error")]
        assert errors == [], path.name


def test_dcentvfy_finds_no_error(result: Result) -> None:
    said = call("dcentvfy", *result.images, *result.objects)
    assert [line for line in said.splitlines() if line.startswith("Error")] == []


def test_pixelmed_finds_no_error_in_the_reports(result: Result) -> None:
    if result.kind != "stations":
        pytest.skip("the SR's own test asks it about CT")
    for path in result.objects:
        if path.stem.startswith("sr_"):
            said = call("DicomSRValidator", path)
            assert "Error" not in said, said


def test_dcmtk_reads_every_object(result: Result) -> None:
    for path in result.objects:
        assert "SOPInstanceUID" in call("dcmdump", "+E", path), path.name
    (assessment,) = (path for path in result.objects if path.stem == "sr_assessment")
    said = call("dsrdump", assessment)
    expected = {"negative": "Absent", "not assessable": "Undetermined"}.get(result.kind, "Present")
    assert f'"{expected}"' in said
    assert "PRELIMINARY" in said or "UNVERIFIED" in said.upper()


def test_dcmtk_shows_the_key_images_under_their_presentation(result: Result) -> None:
    for path in result.objects:
        if path.stem == "keys":
            said = call("dsrdump", path)
            image = {"stations": "MR image", "enhanced": "CTe image"}.get(result.kind, "CT image")
            assert "GSPS" in said
            assert image in said


def test_dcmtk_takes_the_pdf_out_again(result: Result, tmp_path: Path) -> None:
    (path,) = (path for path in result.objects if path.stem == "report_pdf")
    call("dcm2pdf", path, tmp_path / "again.pdf")
    # DICOM evens the length; a PDF ends at its mark.
    again = (tmp_path / "again.pdf").read_bytes()
    original = path.with_name("report.pdf").read_bytes()
    assert again.rstrip(b"\0") == original.rstrip(b"\0")
    assert "deep vein thrombosis" in call("pdftotext", tmp_path / "again.pdf", "-")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with Orthanc(tmp_path_factory.mktemp("pacs")) as running:
        yield running


@pytest.fixture
def pacs(server: Orthanc) -> Orthanc:
    """Without studies: those of these tests bear the same UIDs."""
    for study in server.get("/studies"):
        assert server.request("DELETE", f"/studies/{study}")[0] == 200
    return server


def test_orthanc_stores_each_in_the_study_and_gives_it_back(result: Result, pacs: Orthanc) -> None:
    stored = {path: pacs.store(path) for path in (*result.images, *result.objects)}
    study = pacs.get(f"/instances/{stored[result.objects[0]]}/study")
    for path in result.objects:
        instance = stored[path]
        assert pacs.get(f"/instances/{instance}/study")["ID"] == study["ID"]
        assert pacs.read(f"/instances/{instance}/file") == path.read_bytes(), path.name
    modalities = {
        pacs.get(f"/series/{series}")["MainDicomTags"]["Modality"] for series in study["Series"]
    }
    assert {"SR", "DOC", "SEG"} <= modalities


def test_orthanc_takes_them_over_the_network(result: Result, pacs: Orthanc) -> None:
    # -R: of all storage classes there are more than an association has room for.
    call("storescu", "-R", "-aec", pacs.aet, "127.0.0.1", str(pacs.dicom_port), *result.objects)
    for path in result.objects:
        uid = dcmread(path).SOPInstanceUID
        assert pacs.post("/tools/lookup", str(uid).encode()), path.name


def test_a_dicom_study_gets_all_reports_unasked(tmp_path: Path) -> None:
    written = write(classic(tmp_path / "in"), tmp_path / "out")
    names = {path.name for path in written}
    assert {f"{stem}.dcm" for stem in EXPECTED["classic"]} <= names
    assert {"findings.json", "report.html", "report.pdf", "thrombi.nii.gz"} <= names
    assert set(NAMES) <= set(WRITERS.names())
