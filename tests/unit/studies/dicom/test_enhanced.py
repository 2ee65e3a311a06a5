import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedCTImageStorage

from deepvein.core.errors import NothingToScreenError, StudyError
from deepvein.studies.account import Fate
from deepvein.studies.dicom.header import read_header
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import CORONAL
from unit.studies import making


@pytest.mark.parametrize("order", [range(5), [3, 0, 4, 1, 2]])
def test_frames_in_any_order_make_the_volume(tmp_path, order):
    grid = making.grid_of(directions=CORONAL)
    array = making.ramp(grid.shape, 0)
    making.save(making.enhanced(grid, array, order), tmp_path / "a")
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, array)
    assert study.volume.array.dtype == np.int16
    assert study.volume.grid.matches(grid, 1e-6)
    assert study.origin.paths == (tmp_path / "a",)


def test_each_frame_has_its_own_rescale(tmp_path):
    grid = making.grid_of()
    array = making.ramp(grid.shape, 0)
    slopes = [1, 2, 0.5, 1, 4]
    making.save(making.enhanced(grid, array, [4, 3, 2, 1, 0], slopes), tmp_path / "a")
    expected = array * np.array(slopes)[:, None, None]
    np.testing.assert_allclose(read_study(tmp_path).volume.array, expected)


def test_what_stands_in_no_group_but_as_in_a_classic_file_is_of_all_frames(tmp_path):
    grid = making.grid_of()
    array = making.ramp(grid.shape, 0)
    made = making.enhanced(grid, array)
    shared = made.SharedFunctionalGroupsSequence[0]
    made.PixelSpacing = shared.PixelMeasuresSequence[0].PixelSpacing
    made.SliceThickness = shared.PixelMeasuresSequence[0].SliceThickness
    made.ImageOrientationPatient = shared.PlaneOrientationSequence[0].ImageOrientationPatient
    made.RescaleSlope, made.RescaleIntercept = 2, -5
    del shared.PixelMeasuresSequence, shared.PlaneOrientationSequence
    making.save(made, tmp_path / "a")
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, 2 * array.astype(int) - 5)
    assert study.volume.grid.matches(grid, 1e-6)


def test_the_frames_own_value_wins_over_the_shared_one(tmp_path):
    grid = making.grid_of()
    made = making.enhanced(grid, making.ramp(grid.shape, 0))
    measures = Dataset()
    measures.PixelSpacing = [7.0, 7.0]
    made.PerFrameFunctionalGroupsSequence[1].PixelMeasuresSequence = [measures]
    frames = read_header(making.save(made, tmp_path / "a")).frames
    assert [frame.spacing[0] for frame in frames] == pytest.approx([0.9, 7, 0.9, 0.9, 0.9])


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("VolumetricProperties", "DISTORTED"),
        ("VolumeBasedCalculationTechnique", "CURVED_MPR"),
        ("VolumeBasedCalculationTechnique", "VOLUME_RENDER"),
    ],
)
@pytest.mark.parametrize("of_frames", [True, False])
def test_what_was_computed_is_told_by_its_technique(tmp_path, keyword, value, of_frames):
    grid = making.grid_of(directions=CORONAL)
    made = making.enhanced(grid, making.ramp(grid.shape, 0))
    made.ImageType = ["DERIVED", "PRIMARY", "T1", "NONE"]
    kind = made
    if of_frames:
        kind = Dataset()
        kind.FrameType = made.ImageType
        made.SharedFunctionalGroupsSequence[0].MRImageFrameTypeSequence = [kind]
    setattr(kind, keyword, value)
    making.save(made, tmp_path / "a")
    with pytest.raises(NothingToScreenError, match="projection"):
        read_study(tmp_path)
    setattr(kind, keyword, "SAMPLED" if keyword == "VolumetricProperties" else "MPR")
    making.save(made, tmp_path / "a")
    assert read_study(tmp_path).volume.grid.shape == grid.shape


def test_an_original_image_is_distorted_by_the_scanner_and_read(tmp_path):
    grid = making.grid_of(directions=CORONAL)
    made = making.enhanced(grid, making.ramp(grid.shape, 0))
    made.VolumetricProperties = "DISTORTED"
    making.save(made, tmp_path / "a")
    assert read_study(tmp_path).volume.grid.shape == grid.shape


def test_passes_are_told_by_the_time_for_which_their_frames_stand(tmp_path):
    grid = making.grid_of(directions=CORONAL)
    made = making.enhanced(grid, making.ramp((10, 6, 7), 0), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    array = making.ramp((10, 6, 7), 0)
    made.PixelData = array.astype("<u2").tobytes()
    for index, groups in enumerate(made.PerFrameFunctionalGroupsSequence):
        content = Dataset()
        content.FrameReferenceDateTime = f"202501011200{30 * (index % 2):02d}"
        groups.FrameContentSequence = [content]
    making.save(made, tmp_path / "a")
    np.testing.assert_array_equal(read_study(tmp_path).volume.array, array[1::2])


def test_echoes_of_one_object_are_told_apart(tmp_path):
    grid = making.grid_of()
    array = making.ramp((10, 6, 7), 0)
    made = making.enhanced(grid, array, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    made.NumberOfFrames = 10
    made.PixelData = array.astype("<u2").tobytes()
    for index, group in enumerate(made.PerFrameFunctionalGroupsSequence):
        echo = Dataset()
        echo.EffectiveEchoTime = 2.3 if index < 5 else 4.6
        group.MREchoSequence = [echo]
    making.save(made, tmp_path / "a")
    study = read_study(tmp_path)
    descriptions = [one.description for one in study.origin.series]
    assert descriptions == ["(echo 2.3)", "(echo 4.6)"]
    np.testing.assert_array_equal(study.volume.array, array[:5])


def _twice(folder, change, second=0.0):
    """An Enhanced file of seven places, each twice, then `second` mm lower; change(group, index)."""
    grid = making.grid_of((7, 6, 7), directions=CORONAL)
    array = making.ramp((14, 6, 7), 0)
    made = making.enhanced(grid, array, [*range(7), *range(7)])
    made.NumberOfFrames = 14
    made.PixelData = array.astype("<u2").tobytes()
    for index, group in enumerate(made.PerFrameFunctionalGroupsSequence):
        if index > 6:
            x, y, z = group.PlanePositionSequence[0].ImagePositionPatient
            group.PlanePositionSequence[0].ImagePositionPatient = [x, y, z - second]
        change(group, index)
    making.save(made, folder / "a")
    return read_study(folder), array


def _item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def test_passes_that_only_their_time_offset_or_order_tells_apart_end_with_the_last(tmp_path):
    def timed(group, index):
        group.TemporalPositionSequence = [_item(TemporalPositionTimeOffset=60.0 * (index // 7))]

    for name, change in (("offset", timed), ("order", lambda group, index: None)):
        (tmp_path / name).mkdir()
        study, array = _twice(tmp_path / name, change)
        np.testing.assert_array_equal(study.volume.array, array[7:])
        assert "earlier-pass" in [remark.code for remark in study.remarks]


def test_phase_images_are_told_by_their_complex_component(tmp_path):
    def component(group, index):
        kind = "MAGNITUDE" if index < 7 else "PHASE"
        group.MRImageFrameTypeSequence = [
            _item(FrameType=["ORIGINAL", "PRIMARY", "T1"], ComplexImageComponent=kind)
        ]

    study, array = _twice(tmp_path, component)
    np.testing.assert_array_equal(study.volume.array, array[:7])
    assert "phase or complex" in study.origin.series[1].reason


def test_stacks_that_follow_one_another_are_stations(tmp_path):
    def stacks(group, index):
        group.FrameContentSequence = [_item(StackID=str(1 + index // 7))]

    study, _ = _twice(tmp_path, stacks, second=6 * 0.9)
    assert len(study.origin.station_series) == 2
    assert study.volume.array.shape == (7, 12, 7)
    assert len(study.origin.paths) == 1
    assert [(record.fate, record.why) for record in study.origin.files] == [(Fate.USED, "")]


def test_images_of_one_object_have_their_own_kernel(tmp_path):
    grid = making.grid_of()
    made = making.enhanced(grid, making.ramp((10, 6, 7), 0), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    made.SOPClassUID, made.Modality = EnhancedCTImageStorage, "CT"
    values = _item(RescaleSlope=1, RescaleIntercept=-1024)
    made.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence = [values]
    for index, group in enumerate(made.PerFrameFunctionalGroupsSequence):
        kernel = "B70f" if index < 5 else "B30f"
        group.CTReconstructionSequence = [_item(ConvolutionKernel=kernel)]
    making.save(made, tmp_path / "a")
    told = {one.description: one for one in read_study(tmp_path).origin.series}
    assert told["(kernel B30f)"].chosen
    assert "sharp kernel b70f" in told["(kernel B70f)"].reason


def test_frames_that_are_missing_are_noticed(tmp_path):
    grid = making.grid_of()
    made = making.enhanced(grid, making.ramp(grid.shape, 0))
    made.NumberOfFrames = 4
    making.save(made, tmp_path / "a")
    with pytest.raises(StudyError, match="describes 5 frames but holds 4"):
        read_study(tmp_path)
    made.NumberOfFrames = 5
    made.PixelData = made.PixelData[:-2]
    making.save(made, tmp_path / "a")
    with pytest.raises(StudyError, match="truncated: frame 4"):
        read_study(tmp_path)
