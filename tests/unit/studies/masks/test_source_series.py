import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from deepvein.studies.masks.source_series import series_remarks
from unit.studies import making
from unit.studies.masks.test_rtstruct import OUTER, rtstruct
from unit.studies.masks.test_seg import SHAPE, segmentation


def drawn(kind, folder, series):
    """A mask that says that it was drawn on a series."""
    grid = making.grid_of(SHAPE)
    path, item = folder / "mask.dcm", Dataset()
    item.SeriesInstanceUID = series
    if kind == "seg":
        images = making.series(folder / "image", grid)
        made = segmentation(images, making.two_blobs(grid).array, "BINARY")
        made.ReferencedSeriesSequence[0].SeriesInstanceUID = series
        made.save_as(path)
        return path
    rtstruct(path, grid, [(2, OUTER)], frame="1.3")
    dataset, frame, study = dcmread(path, force=True), Dataset(), Dataset()
    frame.FrameOfReferenceUID = "1.3"
    frame.RTReferencedStudySequence = [study]
    study.RTReferencedSeriesSequence = [item]
    dataset.ReferencedFrameOfReferenceSequence = [frame]
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_a_mask_of_another_series_of_the_scan_is_told(tmp_path, kind):
    path = drawn(kind, tmp_path, "1.2.3")
    (remark,) = series_remarks(path, ["1.2.4", "1.2.5"])
    assert "drawn on series 1.2.3, and the image is another" in remark
    assert series_remarks(path, ["1.2.4", "1.2.3"]) == series_remarks(path, []) == ()


def test_masks_that_name_no_series_and_other_formats_tell_nothing(tmp_path):
    grid = making.grid_of(SHAPE)
    assert (
        series_remarks(rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)], frame="1.3"), ["1"]) == ()
    )
    (tmp_path / "m.nii").write_bytes(b"n+1")
    assert series_remarks(tmp_path / "m.nii", ["1"]) == ()
