import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from deepvein.anatomy.veins import Side
from deepvein.core.errors import GeometryError, NothingToScreenError, StudyError
from deepvein.studies.reading import read_study
from deepvein.studies.study import Format, Modality
from unit.studies import making


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
def test_every_orientation_comes_back_where_it_was(tmp_path, directions):
    grid = making.grid_of(directions=directions)
    array = making.ramp(grid.shape)
    study = read_study(making.series(tmp_path, grid, array))
    assert study.volume.array.dtype == np.int16
    np.testing.assert_array_equal(study.volume.array, array)
    assert study.volume.grid.matches(grid, 1e-6)


@given(seed=st.integers(0, 1000))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_order_and_names_of_files_do_not_matter(tmp_path, seed):
    folder = tmp_path / str(seed)
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape))
    rng = np.random.default_rng(seed)
    for name, index in enumerate(rng.permutation(len(many))):
        del many[index].InstanceNumber
        making.save(many[index], folder / f"sub{name % 2}" / f"IM{name}")
    study = read_study(folder)
    np.testing.assert_array_equal(study.volume.array, making.ramp(grid.shape))
    assert study.volume.grid.matches(grid, 1e-6)
    heights = [float(path.name[2:]) for path in study.origin.paths]
    assert sorted(heights) == list(range(5))


def test_what_the_headers_say_is_kept(tmp_path):
    making.series(
        tmp_path / "leg",
        StudyDescription="CT venography",
        PatientSex="F",
        ImageLaterality="L",
        QualityControlImage="YES",
        SeriesDescription="venous",
        ContrastBolusAgent="Iodine",
    )
    study = read_study(tmp_path / "leg")
    assert (study.name, study.modality) == ("leg", Modality.CT)
    assert study.identity.patient_name == "Test^Patient"
    assert study.identity.study_description == "CT venography"
    assert study.laterality is Side.LEFT
    assert study.synthetic
    assert study.remarks == ()
    assert study.origin.format is Format.DICOM
    assert len(study.origin.paths) == 5
    assert study.origin.series[0].chosen
    assert study.volume.grid.frame_of_reference


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian], ids=["implicit", "deflated"]
)
def test_other_transfer_syntaxes(tmp_path, syntax):
    grid = making.grid_of()
    making.save_all(making.datasets(grid, making.ramp(grid.shape)), tmp_path, syntax=syntax)
    np.testing.assert_array_equal(read_study(tmp_path).volume.array, making.ramp(grid.shape))


def test_big_endian(tmp_path):
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape))
    for one in many:
        one.PixelData = np.frombuffer(one.PixelData, "<u2").astype(">u2").tobytes()
        one["PixelData"].VR = "OW"
    making.save_all(many, tmp_path, syntax=ExplicitVRBigEndian)
    np.testing.assert_array_equal(read_study(tmp_path).volume.array, making.ramp(grid.shape))


def test_a_file_without_preamble_and_meta_header(tmp_path):
    grid = making.grid_of()
    for index, one in enumerate(making.datasets(grid, making.ramp(grid.shape))):
        one.save_as(tmp_path / str(index), implicit_vr=True, little_endian=True)
    np.testing.assert_array_equal(read_study(tmp_path).volume.array, making.ramp(grid.shape))


def test_rescale_is_applied_slice_by_slice_and_clipped(tmp_path):
    grid = making.grid_of((3, 2, 2))
    many = making.datasets(grid, np.zeros(grid.shape, np.int16))
    for one, (slope, intercept) in zip(many, [(2, -1000), (0.5, 10), (1, -5000)], strict=True):
        one.RescaleSlope, one.RescaleIntercept = slope, intercept
        one.PixelData = np.full((2, 2), 501, "<u2").tobytes()
    array = read_study(making.save_all(many, tmp_path)).volume.array
    assert array[:, 0, 0].tolist() == [2, 260, -1024]  # 0.5 * 501 + 10 = 260.5, to even


def test_bits_that_overlays_use_are_dropped(tmp_path):
    grid = making.grid_of()
    array = making.ramp(grid.shape)
    many = making.datasets(grid, array)
    for one in many:
        overlay = np.frombuffer(one.PixelData, "<u2") | 0xF000
        one.PixelData = overlay.tobytes()
        one.add_new(0x60000102, "US", 12)
    np.testing.assert_array_equal(read_study(making.save_all(many, tmp_path)).volume.array, array)


def test_mr_stays_int16_where_it_fits_and_is_float_where_it_is_scaled(tmp_path):
    grid = making.grid_of(directions=making.CORONAL)
    plain = read_study(making.series(tmp_path / "a", grid, modality="MR"))
    assert plain.volume.array.dtype == np.int16
    scaled = read_study(
        making.series(tmp_path / "b", grid, modality="MR", RescaleSlope=0.25, RescaleIntercept=1)
    )
    assert scaled.volume.array.dtype == np.float32
    np.testing.assert_allclose(scaled.volume.array, plain.volume.array * 0.25 + 1)


def test_several_studies_have_to_be_named(tmp_path):
    for name, low in (("1.2.3", 0), ("1.2.4", 100)):
        grid = making.grid_of()
        making.series(tmp_path, grid, making.ramp(grid.shape, low), study=name, prefix=name)
    with pytest.raises(StudyError, match=r"2 studies; name one, for instance .*#1\.2\.3"):
        read_study(tmp_path)
    study = read_study(tmp_path.with_name(f"{tmp_path.name}#1.2.4"))
    assert study.volume.array.min() == 100
    assert study.identity.study_uid == "1.2.4"


def test_the_wrong_modality_is_refused(tmp_path):
    making.series(tmp_path, modality="MR")
    with pytest.raises(NothingToScreenError, match="it is MR, not CT"):
        read_study(tmp_path, Modality.CT)


@pytest.mark.parametrize(
    "name", ["nothing", "empty", "file.txt", "broken.nii", "broken.nrrd", "a.zip"]
)
def test_what_is_no_study_is_an_error_of_ours(tmp_path, name):
    if name == "empty":
        (tmp_path / name).mkdir()
    elif name != "nothing":
        (tmp_path / name).write_bytes(b"nothing that anyone could read" * 20)
    with pytest.raises(StudyError, match=name):
        read_study(tmp_path / name, Modality.CT)


def test_a_missing_file_of_a_series_is_missed(tmp_path):
    making.series(tmp_path)
    (tmp_path / "s002.dcm").unlink()
    with pytest.raises(
        GeometryError, match=r"1 slice\(s\) are missing between s001.dcm and s003.dcm"
    ):
        read_study(tmp_path)


def test_a_copied_file_is_used_once(tmp_path):
    making.series(tmp_path, ContrastBolusAgent="I")
    (tmp_path / "t.dcm").write_bytes((tmp_path / "s002.dcm").read_bytes())
    study = read_study(tmp_path)
    assert study.volume.array.shape == (5, 6, 7)
    (remark,) = study.remarks
    assert remark.text == "1 file(s) are there twice and were used once: t.dcm of s002.dcm"


def test_another_version_of_an_image_is_refused(tmp_path):
    making.series(tmp_path)
    raw = (tmp_path / "s002.dcm").read_bytes()
    (tmp_path / "t.dcm").write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(GeometryError, match=r"two versions of one image, s002\.dcm and t\.dcm"):
        read_study(tmp_path)


def test_truncated_pixels_are_refused(tmp_path):
    making.series(tmp_path)
    path = tmp_path / "s003.dcm"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StudyError, match=r"s003\.dcm are truncated"):
        read_study(tmp_path)


def test_secondary_captures_are_not_images_to_screen(tmp_path):
    grid = making.grid_of((1, 6, 7))
    one = making.datasets(grid, making.ramp(grid.shape))[0]
    one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    making.save(one, tmp_path / "a.dcm")
    with pytest.raises(NothingToScreenError, match="no CT or MR images"):
        read_study(tmp_path)


def test_progress_counts_headers_and_pixels(tmp_path):
    calls = []
    read_study(making.series(tmp_path), progress=lambda *call: calls.append(call))
    assert ("reading headers", 5, 5) in calls
    assert calls[-1] == ("reading pixels", 5, 5)


def test_a_side_that_headers_contradict_is_not_used_and_remarked(tmp_path):
    making.series(tmp_path / "leg", Laterality="L", SeriesDescription="venous right leg")
    study = read_study(tmp_path / "leg")
    assert study.laterality is None
    assert "laterality-contradictory" in [remark.code for remark in study.remarks]


def test_prone_and_feet_first_change_no_side(tmp_path):
    """The patient's own coordinates count, whatever the table did."""
    for name, place in (("supine", "HFS"), ("prone", "FFP")):
        making.series(tmp_path / name, PatientPosition=place)
    supine, prone = (read_study(tmp_path / name) for name in ("supine", "prone"))
    assert (supine.volume.array == prone.volume.array).all()
    assert supine.volume.grid.matches(prone.volume.grid)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("leg.hdr", "one of the two files of an image .* save it as one .nii.gz"),
        ("leg.mha", "a format that is not read; save it as NIfTI or NRRD"),
        ("leg.tar.gz", "which is not opened: unpack it"),
    ],
)
def test_files_of_other_formats_are_refused_with_what_to_do(tmp_path, name, says):
    (tmp_path / name).write_bytes(b"x" * 400)
    with pytest.raises(StudyError, match=says):
        read_study(tmp_path / name, Modality.CT)
