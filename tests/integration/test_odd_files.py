"""Real and deliberately odd files: a correct read or a clear error of ours, never a traceback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepvein.core.errors import DeepveinError, GeometryError, MaskError, StudyError
from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.pixels import read_pixels
from deepvein.studies.discovery import find_studies
from deepvein.studies.inspection import inspect
from deepvein.studies.masks import read_labels, read_mask
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FILES = sorted(
    path for path in DATA.rglob("*") if path.suffix in (".dcm", ".gz") and path.is_file()
)
LOSSLESS = ("J2KR", "JLSL", "JPLL", "RLE")

pytestmark = pytest.mark.skipif(not FILES, reason=f"the sample files are not at {DATA}")


def called(path):
    return str(path.relative_to(DATA))


@pytest.mark.parametrize("path", FILES, ids=called)
def test_every_file_is_read_or_refused(path):
    modality = Modality.MR if path.suffix == ".gz" else None
    try:
        study = read_study(path, modality)
    except DeepveinError as refused:
        told = str(refused)
        study = None
    if study is None:
        assert 20 < len(told) < 600
        assert "\n" not in told
    else:
        assert study.volume.array.shape == study.volume.grid.shape
        assert study.volume.array.dtype in (np.int16, np.float32)
        assert np.isfinite(study.volume.array).all()


@pytest.mark.parametrize("path", FILES, ids=called)
def test_every_file_is_refused_as_a_mask_of_something_else(path):
    grid = Grid.from_directions((3, 4, 5), (1, 1, 1), (5000, 5000, 5000))
    with pytest.raises(MaskError):
        read_mask(path, grid)


@pytest.mark.parametrize("path", sorted({path.parent for path in FILES}), ids=called)
def test_every_folder_is_searched_and_every_study_in_it_answered(path):
    for found in find_studies(path):
        inspection = inspect(found, Modality.MR if found.suffix == ".gz" else None)
        assert inspection.reason
        assert inspection.screenable is not any(one.blocking for one in inspection.problems)


@pytest.mark.parametrize("image", ["CT1", "CT2", "MR1"])
@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_compression_decodes_bit_exactly(image, kind):
    plain = read_study(DATA / "compressed" / f"{image}_UNC.dcm").volume
    packed = read_study(DATA / "compressed" / f"{image}_{kind}.dcm").volume
    np.testing.assert_array_equal(packed.array, plain.array)
    assert packed.grid.matches(plain.grid)


@pytest.mark.parametrize("image", ["CT1", "CT2", "MR1"])
@pytest.mark.parametrize("kind", ["J2KI", "JLSN", "JPLY"])
def test_lossy_compression_comes_near(image, kind):
    path = DATA / "compressed" / f"{image}_{kind}.dcm"
    if not path.exists():
        pytest.skip(f"there is no {path.name}")
    plain = read_study(DATA / "compressed" / f"{image}_UNC.dcm").volume.array
    packed = read_study(path).volume.array
    assert np.corrcoef(plain.ravel(), packed.ravel())[0, 1] > 0.99


@pytest.mark.parametrize(
    "name",
    [
        "emri_small_big_endian",
        "emri_small_RLE",
        "emri_small_jpeg_ls_lossless",
        "emri_small_jpeg_2k_lossless",
        "emri_small_jpeg_2k_lossless_too_short",  # lacks only the end of its pixel sequence
    ],
)
def test_enhanced_frames_decode_alike_in_every_transfer_syntax(name):
    plain = read_pixels(_frames(DATA / "enhanced" / "emri_small.dcm"), Modality.MR)
    packed = read_pixels(_frames(DATA / "enhanced" / f"{name}.dcm"), Modality.MR)
    assert plain.shape == (10, 64, 64)
    np.testing.assert_array_equal(packed, plain)


def test_an_enhanced_mr_of_two_kinds_of_images():
    study = read_study(DATA / "enhanced" / "IM_0027_fMAP.dcm")
    assert study.volume.array.shape == (32, 64, 64)
    assert [one.chosen for one in study.origin.series] == [True, False]
    assert "computed map" in study.origin.series[1].reason


def test_four_pieces_of_one_series_are_four_times_of_one_place():
    (place,) = (one for one in find_studies(DATA / "enhanced") if "1.3.12.2" in one.name)
    study = read_study(place)
    assert study.volume.array.shape == (6, 64, 64)
    assert len(study.origin.series) == 4


def test_gantry_tilt_is_refused_with_its_angle():
    with pytest.raises(GeometryError, match=r"18\.5 degrees \(gantry tilt\)"):
        read_study(DATA / "ct_gantry_tilt")


def test_truncated_pixels_are_refused():
    with pytest.raises(StudyError, match="truncated"):
        read_study(DATA / "odd" / "MR_truncated.dcm")


def test_stations_that_do_not_say_where_they_lie_are_not_joined():
    with pytest.raises(StudyError):
        read_study(DATA / "mr_whole_leg", Modality.MR)
    assert len(find_studies(DATA / "mr_whole_leg")) == 9


def test_a_real_segmentation_lies_on_its_images():
    image = read_study(DATA / "seg" / "ct-3slice").volume
    labels = read_labels(DATA / "seg" / "liver_seg.dcm", image.grid)
    liver = image.array[labels.volume.array == 1]
    assert labels.names == {1: "Liver"}
    assert (
        30 < np.median(liver) < 160
    )  # without contrast 40 to 60 HU, in the portal-venous phase 100
    with pytest.raises(MaskError, match="overlap"):
        read_mask(DATA / "seg" / "partial_overlaps.dcm", image.grid)


def _frames(path):
    """All frames of a file, whether or not it says where they lie."""
    from dataclasses import replace

    header = read_header(path)
    assert header is not None
    first = header.frames[0]
    return [replace(first, index=index) for index in range(first.layout.frames)]
