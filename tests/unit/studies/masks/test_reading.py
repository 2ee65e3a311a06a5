import json

import numpy as np
import pytest
import SimpleITK as sitk

from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_labels, read_mask, read_regions, read_thrombi
from deepvein.studies.nifti import write_nifti
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.studies import making

SHAPE = making.SHAPE


@pytest.fixture
def image(tmp_path):
    return read_study(making.series(tmp_path / "image", making.grid_of(SHAPE)))


def test_nifti_keeps_its_values(tmp_path, image):
    labels = Volume(making.two_blobs(image.volume.grid).array * 20, image.volume.grid)
    write_nifti(labels, tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(
        read_mask(tmp_path / "m.nii.gz", image.volume.grid).array, labels.array
    )
    write_nifti(Volume(labels.array.astype(np.float32), labels.grid), tmp_path / "f.nii")
    np.testing.assert_array_equal(
        read_mask(tmp_path / "f.nii", image.volume.grid).array, labels.array
    )


@pytest.mark.parametrize(
    ("value", "says"), [(1.5, "fractional"), (300.0, "up to 300"), (-1.0, "-1")]
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


@pytest.mark.parametrize("value", [100, 255])
def test_a_named_segment_keeps_its_value(tmp_path, image, value):
    blobs = making.two_blobs(image.volume.grid)
    full = Volume((blobs.array > 0).astype(np.uint8) * np.uint8(value), blobs.grid)
    names = {"Segment0_LabelValue": str(value), "Segment0_Name": "clot"}
    labels = read_labels(nrrd(tmp_path / "m.seg.nrrd", full, **names), image.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, full.array)
    assert labels.names == {value: "clot"}


def test_slicer_segmentations_bring_their_names(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
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
    blobs = making.two_blobs(image.volume.grid)
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


def test_other_files_are_refused(tmp_path, image):
    (tmp_path / "a.txt").write_text("no mask")
    damaged = tmp_path / "a.nrrd"
    damaged.write_text("no mask")
    for path, says in [
        (tmp_path / "gone", "does not exist"),
        (tmp_path, "is a folder; give the file in it"),
        (tmp_path / "a.txt", "neither NIfTI"),
        (tmp_path / "image" / "s000.dcm", "modality CT"),
        (damaged, "begin with NRRD"),
    ]:
        with pytest.raises(MaskError, match=says):
            read_mask(path, image.volume.grid)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd"])
def test_a_cropped_mask_is_placed_where_it_lies(tmp_path, image, suffix):
    grid = image.volume.grid
    whole = making.two_blobs(grid)
    part = (slice(1, 5), slice(1, 11), slice(2, 14))
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_world([(1, 1, 2)])[0]
    cropped = Volume(whole.array[part], Grid(whole.array[part].shape, affine))
    assert whole.array.sum() == cropped.array.sum()
    path = tmp_path / f"m{suffix}"
    nrrd(path, cropped) if suffix == ".nrrd" else write_nifti(cropped, path)
    np.testing.assert_array_equal(read_mask(path, grid).array, whole.array)


def test_chosen_regions_alone_are_read(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    names = {"Segment0_LabelValue": "1", "Segment0_Name": "vein", "Segment1_LabelValue": "2"}
    path = nrrd(tmp_path / "m.seg.nrrd", blobs, **names)
    assert [region.name for region in read_regions(path)] == ["vein", "segment 2"]
    labels = read_labels(path, image.volume.grid, only=[2])
    np.testing.assert_array_equal(labels.volume.array, blobs.array * (blobs.array == 2))
    assert labels.names == {2: "segment 2"}


def test_segments_of_old_slicer_files_are_their_layers(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    values = {
        "Segment0_ID": "a",
        "Segment0_Name": "vein",
        "Segment1_ID": "b",
        "Segment1_Name": "clot",
    }
    layers = [(blobs.array == 1).astype(np.uint8), (blobs.array == 2).astype(np.uint8)]
    labels = read_labels(nrrd(tmp_path / "m.seg.nrrd", blobs, layers, **values), image.volume.grid)
    np.testing.assert_array_equal(labels.volume.array, blobs.array)
    assert labels.names == {1: "vein", 2: "clot"}


@pytest.mark.parametrize("layered", [False, True])
def test_values_that_no_segment_has_are_not_lost(tmp_path, image, layered):
    blobs = making.two_blobs(image.volume.grid)
    layers = [blobs.array, (blobs.array == 2).astype(np.uint8)] if layered else None
    values = {"Segment7_LabelValue": "1", "Segment7_Name": "clot", "Segment7_Layer": "0"}
    path = nrrd(tmp_path / "m.seg.nrrd", blobs, layers, **values)
    with pytest.raises(MaskError, match=r"marks with 2, .* none of its segments \('clot'\)"):
        read_labels(path, image.volume.grid, only=[1])


def test_two_segments_of_one_value_are_refused(tmp_path, image):
    values = {f"Segment{n}_{key}": word for n, name in enumerate(("vein", "clot"))
              for key, word in (("LabelValue", "1"), ("Name", name))}  # fmt: skip
    path = nrrd(tmp_path / "m.seg.nrrd", making.two_blobs(image.volume.grid), **values)
    with pytest.raises(MaskError, match="'vein' and 'clot' one value, 1"):
        read_regions(path)


def test_labels_of_mitk_have_its_names(tmp_path, image):
    blobs = making.two_blobs(image.volume.grid)
    key = "org.mitk.multilabel.segmentation.labelgroups"
    names = [{"name": "left popliteal vein", "value": 1}, {"name": "thrombus", "value": 2}]
    one = nrrd(tmp_path / "one.nrrd", blobs, **{key: json.dumps([{"labels": names}])})
    layers = [(blobs.array == 1).astype(np.uint8), (blobs.array == 2).astype(np.uint8)]
    names[1]["value"] = 1
    groups = [{"labels": names[:1]}, {"labels": names[1:]}, {"labels": None}]
    two = nrrd(tmp_path / "two.nrrd", blobs, layers, **{key: json.dumps(groups)})
    for path in (one, two):
        thrombi = read_thrombi(path, image.volume.grid)
        np.testing.assert_array_equal(thrombi.volume.array > 0, blobs.array == 2)
