import io

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG4HP41, JPEGBaseline8Bit

from deepvein.core.errors import GeometryError, StudyError
from deepvein.studies.location import StudyLocation
from deepvein.studies.readers import READERS
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import CORONAL
from unit.studies import making

WHOLE = making.grid_of((6, 90, 20), (2.0, 1.5, 1.5), directions=CORONAL)


def write_stations(folder, cuts, gains=None, frame="1.9", **values):
    """MR stations cut out of one volume; their signal divided by gains."""
    rng = np.random.default_rng(1)
    array = rng.integers(400, 900, WHOLE.shape).astype(np.int16)
    for number, (low, high) in enumerate(cuts):
        gain = gains[number] if gains else 1
        grid = WHOLE.crop((0, low, 0), (6, high, 20))
        making.series(
            folder / f"st{number}",
            grid,
            np.rint(array[:, low:high] / gain),
            modality="MR",
            study="1.1",
            prefix=str(number),
            SeriesNumber=number,
            SeriesDescription=f"cor t1 station {number}",
            ContrastBolusAgent="Gd",
            frame=frame or f"1.9.{number}",
            **values,
        )
    return array


def test_stations_of_several_frames_of_reference_are_joined_with_a_remark(tmp_path):
    array = write_stations(tmp_path, [(0, 40), (30, 90)], frame=None)
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, array)
    assert [one.code for one in study.remarks] == ["frames-of-reference", "stations-merged"]
    assert "the 2 stations name 2 frames of reference" in study.remarks[0].text
    grid = study.volume.grid
    assert {grid.frame_of_reference, *grid.further_frames} == {"1.9.0", "1.9.1"}


def test_stations_become_one_volume(tmp_path):
    array = write_stations(tmp_path, [(0, 40), (30, 66), (60, 90)])
    study = read_study(tmp_path)
    np.testing.assert_array_equal(study.volume.array, array)
    assert study.volume.grid.matches(WHOLE, 1e-6)
    assert [len(paths) for paths in study.origin.station_series] == [6, 6, 6]
    assert [paths[0].parent.name for paths in study.origin.station_series] == ["st0", "st1", "st2"]
    assert len(study.origin.paths) == 18
    (remark,) = study.remarks
    assert remark.code == "stations-merged"
    assert "3 stations were merged (overlaps 15, 9 mm" in remark.text


def test_unequal_signal_is_brought_together(tmp_path):
    array = write_stations(tmp_path, [(0, 50), (40, 90)], gains=[1, 2])
    study = read_study(tmp_path)
    assert "gains 1.00, 2.00" in study.remarks[0].text
    assert np.abs(study.volume.array - array).max() <= 2


def test_a_gap_between_stations_is_refused(tmp_path):
    write_stations(tmp_path, [(0, 40), (50, 90)])
    with pytest.raises(
        GeometryError, match="15 mm of the body are missing between stations 1 and 2"
    ):
        read_study(tmp_path)


def test_a_survey_of_stations_reads_no_pixels(tmp_path):
    write_stations(tmp_path, [(0, 50), (40, 90)])
    making.series(tmp_path / "scout", modality="MR", study="1.1", SeriesDescription="localizer")
    reader = READERS.get("dicom")
    for path in (tmp_path / "st0").iterdir():
        path.write_bytes(path.read_bytes()[:-100])
    summaries = reader.survey(StudyLocation(tmp_path), None).series
    assert [one.chosen for one in summaries].count(True) == 2
    assert len(summaries) == 3
    (scout,) = [one for one in summaries if one.description == "localizer"]
    assert scout.reason == "it is a localiser"


def test_series_that_were_not_used_are_mentioned(tmp_path):
    write_stations(tmp_path, [(0, 50), (40, 90)])
    making.series(tmp_path / "scout", modality="MR", study="1.1", SeriesDescription="localizer")
    told = {remark.code: remark.text for remark in read_study(tmp_path).remarks}
    assert told["series-ignored"].endswith("were not used: 1 localizer (5 slices)")


def test_a_damaged_file_beside_the_series_is_mentioned(tmp_path):
    making.series(tmp_path, ContrastBolusAgent="I", LossyImageCompression="01")
    last = tmp_path / "s004.dcm"
    last.write_bytes(last.read_bytes()[:140])
    study = read_study(tmp_path)
    assert study.volume.array.shape == (4, 6, 7)
    assert [remark.code for remark in study.remarks] == ["lossy", "damaged-files"]
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:140])
    with pytest.raises(StudyError, match=r"s000\.dcm cannot be used: .* nor can 4 more"):
        read_study(tmp_path)


def test_signed_ct_without_rescale_is_read_with_a_remark(tmp_path):
    grid = making.grid_of()
    many = making.datasets(grid, making.ramp(grid.shape), ContrastBolusAgent="I")
    for one, plane in zip(many, making.ramp(grid.shape), strict=True):
        making.fill(one, plane, signed=True)
        del one.RescaleSlope, one.RescaleIntercept
    study = read_study(making.save_all(many, tmp_path))
    assert [remark.code for remark in study.remarks] == ["no-rescale"]
    np.testing.assert_array_equal(study.volume.array, making.ramp(grid.shape))


@pytest.mark.parametrize(
    ("tilt", "told"), [(12, True), (-8.5, True), (0, False), (0.4, False), ("", False)]
)
def test_a_tilt_of_the_gantry_that_slices_do_not_show_is_remarked_on(tmp_path, tilt, told):
    study = read_study(making.series(tmp_path, GantryDetectorTilt=tilt))
    assert ("tilt-contradictory" in {remark.code for remark in study.remarks}) is told


def test_lossy_compression_is_told_by_the_syntax_as_well(tmp_path):
    making.series(tmp_path, modality="MR")
    for path in tmp_path.iterdir():
        one = dcmread(path)
        one.BitsAllocated = one.BitsStored = 8
        one.HighBit = 7
        picture = io.BytesIO()
        Image.fromarray(np.full((one.Rows, one.Columns), 9, np.uint8)).save(picture, "JPEG")
        one.PixelData = encapsulate([picture.getvalue()])
        making.save(one, path, JPEGBaseline8Bit)
    assert "lossy" in {remark.code for remark in read_study(tmp_path).remarks}


def test_a_compression_that_is_not_read_is_named(tmp_path):
    making.series(tmp_path)
    for path in tmp_path.iterdir():
        one = dcmread(path)
        one.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(100)])
        making.save(one, path, MPEG4HP41)
    says = r"compressed in a way that is not read \(MPEG-4 .*, 1\.2\.840\.10008\.1\.2\.4\.102\): convert it"
    with pytest.raises(StudyError, match=says):
        read_study(tmp_path)
