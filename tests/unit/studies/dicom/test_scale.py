import numpy as np
import pytest
from pydicom import Dataset, dcmread

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.header import read_header
from deepvein.studies.dicom.scale import other_unit, require_one_scale
from deepvein.studies.reading import read_study
from unit.studies import anatomy, making


def frames(folder, change=None, odd=None, modality="CT", **values):
    """Frames of five slices; `change` is done to all of them, or to slice `odd` alone."""
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape, 0), modality, **values)
    for index, one in enumerate(many):
        if change is not None and odd in (None, index):
            change(one)
    making.save_all(many, folder)
    return [read_header(path).frames[0] for path in sorted(folder.iterdir())]


def without(*keywords):
    def change(one):
        for keyword in keywords:
            delattr(one, keyword)

    return change


def test_slices_that_agree_pass(tmp_path):
    require_one_scale(frames(tmp_path / "ct"), True)
    require_one_scale(frames(tmp_path / "mr", modality="MR"), False)
    signed = frames(tmp_path / "bare", without("RescaleSlope", "RescaleIntercept"))
    signed = [making.replace_layout(one, signed=True) for one in signed]
    require_one_scale(signed, True)


@pytest.mark.parametrize("keyword", ["RescaleIntercept", "RescaleSlope"])
def test_one_slice_without_rescale_among_others_is_named(tmp_path, keyword):
    found = frames(tmp_path, without(keyword), odd=2)
    with pytest.raises(StudyError, match=rf"s002\.dcm has no {keyword}, 4 slices beside it say"):
        require_one_scale(found, True)


def test_one_slice_of_another_sign_is_named(tmp_path):
    def signed(one):
        one.PixelRepresentation = 1

    found = frames(tmp_path, signed, odd=2)
    with pytest.raises(
        StudyError, match=r"s002\.dcm has signed values, 4 slices beside it unsigned"
    ):
        require_one_scale(found, True)

    def rescaled(one):
        one.PixelRepresentation, one.RescaleIntercept = 1, 0

    require_one_scale(frames(tmp_path / "b", rescaled, odd=2), True)


def test_unsigned_ct_without_rescale_is_refused(tmp_path):
    found = frames(tmp_path, without("RescaleSlope", "RescaleIntercept"))
    with pytest.raises(StudyError, match="unsigned values cannot be Hounsfield units"):
        require_one_scale(found, True)


def test_an_mr_slice_without_rescale_fits_only_where_the_others_change_nothing(tmp_path):
    def scaled(one):
        one.RescaleSlope, one.RescaleIntercept = 2.5, 0

    def plain(one):
        one.RescaleSlope, one.RescaleIntercept = 1, 0

    require_one_scale(frames(tmp_path / "a", plain, odd=1, modality="MR"), False)
    with pytest.raises(StudyError, match=r"s000\.dcm has no Rescale"):
        require_one_scale(frames(tmp_path / "b", scaled, odd=1, modality="MR"), False)


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ("HU", ""),
        ("HU_MOD", ""),
        ("HU*", ""),
        ("Hounsfield", ""),
        ("US", ""),
        ("", ""),
        ("MGML", "mg/ml"),
        ("Z_EFF", "atomic numbers"),
    ],
)
def test_what_the_values_are_by_their_rescale_type(tmp_path, kind, unit):
    assert unit in other_unit(frames(tmp_path, RescaleType=kind))
    assert bool(other_unit(frames(tmp_path, RescaleType=kind))) == bool(unit)


def test_one_slice_of_another_rescale_type_is_named(tmp_path):
    def iodine(one):
        one.RescaleType = "MGML"

    found = frames(tmp_path, iodine, odd=3, RescaleType="HU")
    with pytest.raises(StudyError, match=r"s003\.dcm has Rescale Type MGML, the other slices HU"):
        require_one_scale(found, True)


def test_an_enhanced_frame_without_rescale_among_others_is_named(tmp_path):
    grid = making.grid_of()
    one = making.enhanced(grid, making.ramp(grid.shape, 0), slopes=[2.0] * 5)
    del one.PerFrameFunctionalGroupsSequence[3].PixelValueTransformationSequence
    making.save(one, tmp_path / "e.dcm")
    with pytest.raises(StudyError, match=r"e\.dcm frame 4 has no Rescale"):
        require_one_scale(read_header(tmp_path / "e.dcm").frames, False)


def test_a_frame_of_an_enhanced_object_that_cannot_be_meant_is_named(tmp_path):
    grid = making.grid_of()
    one = making.enhanced(grid, making.ramp(grid.shape, 0), slopes=[2.0, 2.0, 0.0, 2.0, 2.0])
    making.save(one, tmp_path / "e.dcm")
    with pytest.raises(StudyError, match=r"frame 3: RescaleSlope \(0028,1053\) is '0"):
        require_one_scale(read_header(tmp_path / "e.dcm").frames, False)


def test_palette_and_lookup_tables_are_refused(tmp_path):
    making.series(tmp_path / "palette", PhotometricInterpretation="PALETTE COLOR")
    found = read_header(tmp_path / "palette" / "s000.dcm").frames
    with pytest.raises(StudyError, match="PhotometricInterpretation .* is 'PALETTE COLOR'"):
        require_one_scale(found, True)
    path = making.series(tmp_path / "table") / "s000.dcm"
    one, table = dcmread(path), Dataset()
    table.LUTDescriptor, table.LUTData = [2, 0, 16], np.arange(2, dtype="<u2").tobytes()
    one.ModalityLUTSequence = [table]
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    one.save_as(path)
    with pytest.raises(StudyError, match="ModalityLUTSequence"):
        require_one_scale(read_header(path).frames, True)


def test_unspecified_values_pass_as_hounsfield_units_if_they_show_air(tmp_path):
    for name, low in (("air", -1000), ("none", 0)):
        grid = making.grid_of()
        making.series(tmp_path / name, grid, making.ramp(grid.shape, low), RescaleType="US")
    assert read_study(tmp_path / "air").volume.array.min() == -1000
    with pytest.raises(StudyError, match="Rescale Type US and no value as dark as air"):
        read_study(tmp_path / "none")


@pytest.mark.parametrize(("keyword", "value"), [("RescaleIntercept", 0), ("RescaleSlope", 2)])
def test_a_slice_whose_own_scale_does_not_fit_its_neighbours_is_named(tmp_path, keyword, value):
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape, 0))
    setattr(many[2], keyword, value)
    with pytest.raises(
        StudyError, match=r"s002\.dcm has RescaleSlope .*, s00\d\.dcm beside it 1 and -1024"
    ):
        read_study(making.save_all(many, tmp_path))


def test_a_slice_with_a_scale_of_its_own_that_fits_is_read_by_it(tmp_path):
    grid = making.grid_of()
    array = making.ramp(grid.shape, 0)
    many = making.datasets(grid, array)
    many[2].RescaleIntercept = 0
    many[2].PixelData = array[2].astype("<u2").tobytes()
    study = read_study(making.save_all(many, tmp_path))
    np.testing.assert_array_equal(study.volume.array, array)


@pytest.mark.parametrize(("first", "intercept"), [(20, -2048), (20, -1124), (30, 0), (10, -700)])
def test_tissue_that_jumps_where_the_intercept_changes_is_refused(tmp_path, first, intercept):
    made = anatomy.volume(anatomy.legs())
    many = making.datasets(made.grid, made.array)
    for one in many[first:]:
        one.RescaleIntercept = intercept
    with pytest.raises(StudyError, match=r"s0\d\d\.dcm beside it .*fit only by the latter"):
        read_study(making.save_all(many, tmp_path))


@pytest.mark.parametrize("first", [10, 20, 30])
def test_parts_of_a_scan_that_are_stored_by_two_intercepts_are_read(tmp_path, first):
    made = anatomy.volume(anatomy.legs())
    many = making.datasets(made.grid, made.array)
    raised = making.datasets(made.grid, made.array + 976)
    for one, other in zip(many[first:], raised[first:], strict=True):
        one.RescaleIntercept, one.PixelData = -2000, other.PixelData
        one.BitsStored, one.HighBit = 16, 15
    np.testing.assert_array_equal(
        read_study(making.save_all(many, tmp_path)).volume.array, made.array
    )
