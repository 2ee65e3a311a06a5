from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_labels, read_mask, read_segments, read_thrombi
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import Grid
from unit.studies import making

SHAPE = making.SHAPE


@pytest.fixture
def image(tmp_path):
    return read_study(making.series(tmp_path / "image", making.grid_of(SHAPE)))


def rtstruct(path, grid, contours, kind="CLOSED_PLANAR", frame=None):
    """One region 'clot'; contours are (slice, [(row, column), …])."""
    out, roi, item = Dataset(), Dataset(), Dataset()
    out.SOPClassUID, out.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.481.3", generate_uid()
    out.Modality = "RTSTRUCT"
    roi.ROINumber, roi.ROIName = 1, "clot"
    roi.ReferencedFrameOfReferenceUID = frame or grid.frame_of_reference
    item.ReferencedROINumber = 1
    item.ContourSequence = []
    for place, points in contours:
        contour = Dataset()
        contour.ContourGeometricType = kind
        world = grid.to_world([(place, row, column) for row, column in points])
        contour.ContourData = [f"{value:.4f}" for value in world.ravel()]
        contour.NumberOfContourPoints = len(points)
        item.ContourSequence.append(contour)
    out.StructureSetROISequence, out.ROIContourSequence = [roi], [item]
    return making.save(out, path)


OUTER = [(1.5, 1.5), (1.5, 9.5), (8.5, 9.5), (8.5, 1.5)]
INNER = [(3.5, 3.5), (3.5, 6.5), (6.5, 6.5), (6.5, 3.5)]


def test_contours_are_filled_and_holes_left_out(tmp_path, image):
    path = rtstruct(tmp_path / "rt.dcm", image.volume.grid, [(2, OUTER), (2, INNER), (3, INNER)])
    labels = read_labels(path, image.volume.grid)
    expected = np.zeros(SHAPE, np.uint8)
    expected[2, 2:9, 2:10] = 1
    expected[2, 4:7, 4:7] = 0
    expected[3, 4:7, 4:7] = 1
    np.testing.assert_array_equal(labels.volume.array, expected)
    assert labels.names == {1: "clot"}


@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_a_type_in_small_letters_is_that_type(tmp_path, image):
    path = rtstruct(tmp_path / "rt.dcm", image.volume.grid, [(2, OUTER)], kind="closed_planar")
    assert np.count_nonzero(read_labels(path, image.volume.grid).volume.array[2]) == 7 * 8


@pytest.mark.filterwarnings("ignore:Invalid value for VR CS", "ignore:The value length")
@pytest.mark.parametrize("kind", ["INTERPOLATED_PLANAR", "CLOSEDPLANAR", "CLOSED PLANAR", "", None])
def test_contours_without_a_type_or_of_another_word_for_it_are_closed(tmp_path, image, kind):
    grid = image.volume.grid
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER), (2, INNER)], kind=kind)
    labels = read_labels(path, grid)
    assert np.count_nonzero(labels.volume.array[2]) == 7 * 8 - 3 * 3
    assert [text for text in labels.remarks if "without a type" in text] == list(labels.remarks)
    assert bool(labels.remarks) is not bool(kind)


@pytest.mark.filterwarnings("ignore:The value for the data element")
def test_a_contour_of_more_than_64_kilobytes_is_read(tmp_path, image):
    """pydicom writes it as of an unknown kind, as it must where lengths have two bytes."""
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    circle = [(5.2 + 3 * np.sin(a), 5.3 + 3 * np.cos(a)) for a in turn]
    path = rtstruct(tmp_path / "rt.dcm", image.volume.grid, [(2, circle)])
    contour = dcmread(path, force=True).ROIContourSequence[0].ContourSequence[0]
    assert contour["ContourData"].VR == "UN"
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    expected = np.zeros(SHAPE, np.uint8)
    expected[2] = np.hypot(rows - 5.2, columns - 5.3) < 3
    np.testing.assert_array_equal(read_labels(path, image.volume.grid).volume.array, expected)


def test_contours_that_cannot_belong_are_refused(tmp_path, image):
    grid = image.volume.grid
    for contours, kind, says in [
        ([(9, OUTER)], "CLOSED_PLANAR", "outside the image"),
        ([(2, [(1, 1), (1, 40), (8, 8)])], "CLOSED_PLANAR", "outside the image"),
        ([(2, OUTER)], "OPEN_PLANAR", "OPEN_PLANAR"),
        ([(2, OUTER)], "SPLINE", "type SPLINE"),
        (
            [(2, OUTER[:2])],
            "CLOSED_PLANAR",
            "mark no voxel: 1 contours of region clot have one or two",
        ),
        ([], "CLOSED_PLANAR", "no closed contours"),
    ]:
        path = rtstruct(tmp_path / "rt.dcm", grid, contours, kind)
        with pytest.raises(MaskError, match=says):
            read_mask(path, grid)
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)], frame="1.2.3")
    with pytest.raises(MaskError, match="another scan"):
        read_mask(path, grid)
    coronal = Grid.from_directions(
        (12, 6, 14), (0.9, 3.0, 0.8), grid.origin_mm, np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0.0]])
    )
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)])
    with pytest.raises(MaskError, match="another plane"):
        read_mask(path, coronal)


def test_points_and_lines_beside_contours_are_left_out_with_a_remark(tmp_path, image):
    path = rtstruct(tmp_path / "rt.dcm", image.volume.grid, [(2, OUTER), (3, OUTER)])
    dataset = dcmread(path, force=True)
    dataset.ROIContourSequence[0].ContourSequence[1].ContourGeometricType = "OPEN_PLANAR"
    dataset.save_as(path)
    labels = read_labels(path, image.volume.grid)
    assert labels.volume.array.any(axis=(1, 2)).tolist() == [n == 2 for n in range(SHAPE[0])]
    assert labels.remarks == (
        "OPEN_PLANAR contours of region clot enclose nothing and were left out",
    )


def changed(path, change):
    dataset = dcmread(path, force=True)
    change(dataset, dataset.StructureSetROISequence[0], dataset.ROIContourSequence[0])
    dataset.save_as(path)
    return path


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_frames_of_reference_that_are_foreign_or_no_uid_are_refused(tmp_path, image):
    grid = image.volume.grid
    bare = Grid(grid.shape, grid.affine)

    def written(frame, shared=None):
        def change(dataset, roi, _):
            if frame is None:
                del roi.ReferencedFrameOfReferenceUID
            if shared is not None:
                item = Dataset()
                item.FrameOfReferenceUID = shared
                dataset.ReferencedFrameOfReferenceSequence = [item]

        return changed(rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)], frame=frame), change)

    with pytest.raises(MaskError, match="another scan"):
        read_mask(written(None, "1.2.3"), grid)
    with pytest.raises(MaskError, match="'1.2.x', which is no UID"):
        read_mask(written("1.2.x"), bare)
    assert read_labels(written(None, grid.frame_of_reference), grid).remarks == ()
    assert "no frame of reference" in read_labels(written(None), grid).remarks[0]


def with_region(path, name, contours=(), *, number=2, drawn=True):
    """A further region in the file, with data sets of contours."""

    def change(dataset, roi, item):
        further = Dataset()
        further.ROINumber, further.ROIName = number, name
        further.ReferencedFrameOfReferenceUID = roi.ReferencedFrameOfReferenceUID
        dataset.StructureSetROISequence.append(further)
        if drawn:
            own = Dataset()
            own.ReferencedROINumber = number
            own.ContourSequence = list(contours)
            dataset.ROIContourSequence.append(own)

    return changed(path, change)


@pytest.mark.parametrize("drawn", [True, False])
def test_a_thrombus_without_contours_makes_no_thrombus_of_a_vein(tmp_path, image, drawn):
    grid = image.volume.grid
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)])
    changed(path, lambda dataset, roi, item: setattr(roi, "ROIName", "left femoral vein"))
    with_region(path, "thrombus", drawn=drawn)
    thrombi = read_thrombi(path, grid)
    assert not thrombi.volume.array.any()
    assert thrombi.remarks[0] == "region thrombus has no contours; it marks nothing"
    assert read_segments(path, grid).volume.array.any()


def test_points_and_empty_regions_make_no_vein_doubtful(tmp_path, image):
    grid = image.volume.grid
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)])
    changed(path, lambda dataset, roi, item: setattr(roi, "ROIName", "all veins"))
    point = Dataset()
    point.ContourGeometricType, point.NumberOfContourPoints = "POINT", 1
    point.ContourData = [0, 0, 0]
    with_region(path, "Isocentre", [point])
    with_region(path, "left popliteal", number=3, drawn=False)
    assert read_segments(path, grid).volume.array.any()


def test_a_thrombus_of_open_contours_alone_is_refused_whatever_else_is_drawn(tmp_path, image):
    grid = image.volume.grid
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)])
    changed(path, lambda dataset, roi, item: setattr(roi, "ROIName", "left femoral vein"))
    line = dcmread(path, force=True).ROIContourSequence[0].ContourSequence[0]
    line.ContourGeometricType = "OPEN_PLANAR"
    with_region(path, "thrombus", [line])
    with pytest.raises(MaskError, match="holds no closed contours: OPEN_PLANAR"):
        read_thrombi(path, grid)


def test_a_region_is_one_however_its_contours_are_listed_and_two_never_share_a_number(
    tmp_path, image
):
    grid = image.volume.grid
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER), (3, INNER)])

    def divide(dataset, roi, item):
        other = Dataset()
        other.ReferencedROINumber = 1
        other.ContourSequence = [item.ContourSequence.pop()]
        dataset.ROIContourSequence.append(other)

    labels = read_labels(changed(path, divide), grid)
    assert set(np.unique(labels.volume.array)) == {0, 1}
    assert labels.volume.array[3].any()
    with pytest.raises(MaskError, match="two regions under number 1, clot and vein"):
        read_labels(with_region(path, "vein", number=1), grid)


def test_a_region_that_was_exported_twice_counts_once(tmp_path, image):
    grid = image.volume.grid
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER), (3, INNER)])
    once = read_labels(path, grid).volume.array
    drawn = dcmread(path, force=True).ROIContourSequence[0].ContourSequence
    for number in (1, 2):
        twice = with_region(path, "clot", drawn, number=number)
        labels = read_labels(twice, grid)
        np.testing.assert_array_equal(labels.volume.array, once)
        assert labels.names == {1: "clot"}
        np.testing.assert_array_equal(read_thrombi(twice, grid).volume.array, once)
    assert "clot is there more than once" in labels.remarks[0]
    with pytest.raises(MaskError, match="clot and thrombus .* overlap in 65 voxels"):
        read_labels(with_region(path, "thrombus", drawn, number=3), grid)


def test_contours_beside_the_slices_are_told(tmp_path, image):
    grid = image.volume.grid
    labels = read_labels(rtstruct(tmp_path / "rt.dcm", grid, [(1.5, OUTER), (2.5, OUTER)]), grid)
    assert np.count_nonzero(labels.volume.array.any(axis=(1, 2))) == 2
    assert "0.5 slices off the image's" in labels.remarks[0]


def test_one_of_the_frames_of_reference_that_a_file_shares_is_enough(tmp_path, image):
    grid = image.volume.grid

    def two(dataset, roi, _):
        del roi.ReferencedFrameOfReferenceUID
        dataset.ReferencedFrameOfReferenceSequence = [Dataset(), Dataset()]
        for item, frame in zip(
            dataset.ReferencedFrameOfReferenceSequence,
            ("1.2.3", grid.frame_of_reference),
            strict=True,
        ):
            item.FrameOfReferenceUID = frame

    path = changed(rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)]), two)
    assert read_mask(path, grid).array.any()


def test_contours_on_any_of_the_joined_stations_are_read(tmp_path, image):
    grid = replace(image.volume.grid, further_frames=("1.2.3",))
    path = rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)], frame="1.2.3")
    assert read_mask(path, grid).array.any()
    with pytest.raises(MaskError, match="another scan"):
        read_mask(rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)], frame="1.2.4"), grid)


def test_damaged_contours_are_refused(tmp_path, image):
    grid = image.volume.grid

    def fewer(dataset, roi, item):
        item.ContourSequence[0].NumberOfContourPoints = 5

    def ragged(dataset, roi, item):
        item.ContourSequence[0].ContourData = item.ContourSequence[0].ContourData[:-1]

    def unlisted(dataset, roi, item):
        item.ReferencedROINumber = 7

    for change, says in [(fewer, "for 5 points"), (ragged, "11 numbers"), (unlisted, "region 7")]:
        path = changed(rtstruct(tmp_path / "rt.dcm", grid, [(2, OUTER)]), change)
        with pytest.raises(MaskError, match=says):
            read_mask(path, grid)
