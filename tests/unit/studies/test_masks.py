import highdicom as hd
import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from unit.studies import making

from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_labels, read_mask
from deepvein.studies.nifti import write_nifti
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SHAPE = (6, 12, 14)


def two_blobs(grid):
    array = np.zeros(grid.shape, np.uint8)
    array[1:3, 2:6, 3:7] = 1
    array[3:5, 6:9, 8:12] = 2
    return Volume(array, grid)


@pytest.fixture
def image(tmp_path):
    return read_study(making.series(tmp_path / "image", making.grid_of(SHAPE)))


def segmentation(folder, labels, kind, names=("Vein", "Thrombus")):
    """A DICOM SEG of `labels` that highdicom makes from the images in `folder`."""
    sources = [dcmread(path) for path in sorted(folder.iterdir())]
    sources.sort(key=lambda one: one.InstanceNumber)
    algorithm = hd.AlgorithmIdentificationSequence(
        "test", codes.DCM.ArtificialIntelligence, version="1"
    )
    described = [
        hd.seg.SegmentDescription(
            number, name, codes.SCT.Tissue, codes.SCT.Tissue, "AUTOMATIC", algorithm
        )
        for number, name in enumerate(names, start=1)
    ]
    return hd.seg.Segmentation(
        sources,
        labels,
        kind,
        described,
        generate_uid(),
        99,
        generate_uid(),
        1,
        "deepvein",
        "test",
        "1",
        "1",
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )


@pytest.mark.parametrize("directions", making.ORIENTATIONS.values(), ids=making.ORIENTATIONS)
@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_segmentations_come_back_on_six_orientations(tmp_path, directions, kind):
    study = read_study(making.series(tmp_path / "a", making.grid_of(SHAPE, directions=directions)))
    blobs = two_blobs(study.volume.grid)
    pixels = blobs.array
    if kind == "FRACTIONAL":
        pixels = np.stack([blobs.array == 1, blobs.array == 2], axis=-1) * 0.75
    segmentation(tmp_path / "a", pixels, kind).save_as(tmp_path / "seg.dcm")
    labels = read_labels(tmp_path / "seg.dcm", study.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, blobs.array)
    assert labels.names == {1: "Vein", 2: "Thrombus"}
    assert labels.volume.grid is study.volume.grid


def test_overlapping_segments_are_named(tmp_path, image):
    pixels = np.zeros((*SHAPE, 2), np.uint8)
    pixels[1:3, 2:6, 3:7] = 1
    segmentation(tmp_path / "image", pixels, "BINARY").save_as(tmp_path / "seg.dcm")
    with pytest.raises(MaskError, match="Vein and Thrombus of .* overlap in 32 voxels"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_a_segmentation_of_another_scan_is_refused(tmp_path, image):
    blobs = two_blobs(image.volume.grid)
    segmentation(tmp_path / "image", blobs.array, "BINARY").save_as(tmp_path / "seg.dcm")
    other = read_study(making.series(tmp_path / "other", making.grid_of(SHAPE)))
    with pytest.raises(MaskError, match="drawn on another scan"):
        read_mask(tmp_path / "seg.dcm", other.volume.grid)


def test_a_damaged_segmentation_is_refused(tmp_path, image):
    blobs = two_blobs(image.volume.grid)
    segmentation(tmp_path / "image", blobs.array, "BINARY").save_as(tmp_path / "seg.dcm")
    whole = (tmp_path / "seg.dcm").read_bytes()
    (tmp_path / "seg.dcm").write_bytes(whole[:-40])
    with pytest.raises(MaskError, match=r"seg\.dcm"):
        read_mask(tmp_path / "seg.dcm", image.volume.grid)


def test_nifti_keeps_its_values(tmp_path, image):
    labels = Volume(two_blobs(image.volume.grid).array * 20, image.volume.grid)
    write_nifti(labels, tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(
        read_mask(tmp_path / "m.nii.gz", image.volume.grid).array, labels.array
    )
    write_nifti(Volume(labels.array.astype(np.float32), labels.grid), tmp_path / "f.nii")
    np.testing.assert_array_equal(
        read_mask(tmp_path / "f.nii", image.volume.grid).array, labels.array
    )


@pytest.mark.parametrize(
    ("value", "says"), [(0.5, "fractional"), (300.0, "values from"), (-1.0, "-1")]
)
def test_values_that_are_no_labels_are_refused(tmp_path, image, value, says):
    array = np.zeros(SHAPE, np.float32)
    array[2, 3, 4] = value
    write_nifti(Volume(array, image.volume.grid), tmp_path / "m.nii")
    with pytest.raises(MaskError, match=says):
        read_mask(tmp_path / "m.nii", image.volume.grid)


def nrrd(path, volume, layers=None, **values):
    array = volume.array if layers is None else np.stack(layers, axis=-1)
    out = sitk.GetImageFromArray(array, isVector=layers is not None)
    out.SetOrigin(volume.grid.origin_mm.tolist())
    out.SetSpacing(volume.grid.spacing_mm[::-1])
    out.SetDirection(volume.grid.directions[:, ::-1].ravel().tolist())
    for key, value in values.items():
        out.SetMetaData(key, value)
    sitk.WriteImage(out, str(path))
    return path


def test_slicer_segmentations_bring_their_names(tmp_path, image):
    blobs = two_blobs(image.volume.grid)
    names = {
        "Segment0_LabelValue": "1",
        "Segment0_Name": "femoral",
        "Segment1_LabelValue": "2",
        "Segment1_Name": "clot",
    }
    path = nrrd(tmp_path / "m.seg.nrrd", blobs, **names)
    labels = read_labels(path, image.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, blobs.array)
    assert labels.names == {1: "femoral", 2: "clot"}


def test_layers_are_told_apart(tmp_path, image):
    blobs = two_blobs(image.volume.grid)
    values = {
        "Segment0_LabelValue": "1",
        "Segment0_Layer": "0",
        "Segment0_Name": "a",
        "Segment1_LabelValue": "1",
        "Segment1_Layer": "1",
        "Segment1_Name": "b",
    }
    layers = [(blobs.array == 1).astype(np.uint8), (blobs.array == 2).astype(np.uint8)]
    path = nrrd(tmp_path / "m.seg.nrrd", blobs, layers, **values)
    labels = read_labels(path, image.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, blobs.array)
    overlapping = nrrd(tmp_path / "o.seg.nrrd", blobs, [layers[0], layers[0]], **values)
    with pytest.raises(MaskError, match="a and b of .* overlap"):
        read_labels(overlapping, image.volume.grid)


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


def test_contours_that_cannot_belong_are_refused(tmp_path, image):
    grid = image.volume.grid
    for contours, kind, says in [
        ([(9, OUTER)], "CLOSED_PLANAR", "outside the image"),
        ([(2, [(1, 1), (1, 40), (8, 8)])], "CLOSED_PLANAR", "outside the image"),
        ([(2, OUTER)], "OPEN_PLANAR", "OPEN_PLANAR"),
        ([(2, OUTER[:2])], "CLOSED_PLANAR", "three or more"),
        ([], "CLOSED_PLANAR", "no contours"),
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


def test_other_files_are_refused(tmp_path, image):
    (tmp_path / "a.txt").write_text("no mask")
    for path, says in [
        (tmp_path / "gone", "does not exist"),
        (tmp_path / "a.txt", "neither NIfTI"),
        (tmp_path / "image" / "s000.dcm", "modality CT"),
    ]:
        with pytest.raises(MaskError, match=says):
            read_mask(path, image.volume.grid)
