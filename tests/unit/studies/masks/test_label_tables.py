from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_regions, read_thrombi
from deepvein.studies.masks.label_tables import label_tables, named_labels
from deepvein.studies.nifti import write_nifti
from deepvein.volumes.volume import Volume
from unit.studies import making

GRID = making.grid_of(making.SHAPE)
BLOBS = making.two_blobs(GRID)
TABLE = (
    '<?xml version="1.0" encoding="UTF-8"?><CaretExtension><VolumeInformation Index="0"><LabelTable>'
    '<Label Key="1" Red="1" Green="0" Blue="0" Alpha="1"><![CDATA[liver]]></Label>'
    '<Label Key="2" Red="0" Green="1" Blue="0" Alpha="1">clot &amp; web</Label>'
    "</LabelTable></VolumeInformation></CaretExtension>"
)


@pytest.mark.parametrize("code", [0, 30])
def test_the_header_names_labels(tmp_path: Path, code: int) -> None:
    write_nifti(BLOBS, tmp_path / "plain.nii.gz")
    assert named_labels(tmp_path / "plain.nii.gz") == {}
    image = nibabel.load(tmp_path / "plain.nii.gz")
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension(code, TABLE.encode()))
    nibabel.save(image, tmp_path / "m.nii.gz")
    assert named_labels(tmp_path / "m.nii.gz") == {1: "liver", 2: "clot & web"}
    assert [region.thrombus for region in read_regions(tmp_path / "m.nii.gz")] == [False, True]
    thrombi = read_thrombi(tmp_path / "m.nii.gz", GRID)
    np.testing.assert_array_equal(thrombi.volume.array > 0, BLOBS.array == 2)


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"labels": {"background": 0, "vein": 1, "thrombus": 2}}, {1: "vein", 2: "thrombus"}),
        ({"labels": {"0": "background", "1": "vein", "2": "DVT"}}, {1: "vein", 2: "DVT"}),
        (
            {"labels": {"background": 0, "vein": [1, 2], "thrombus": 2}},
            {1: "vein", 2: "thrombus"},
        ),
        ({"labels": {"background": 0, "one": [1, 2], "other": [2, 1]}}, {}),
        ({"labels": ["vein", "thrombus"]}, {}),
        ({"labels": {"1": None}}, {}),
        ([], {}),
    ],
)
def test_the_table_of_nnunet_names_labels(
    tmp_path: Path, told: object, names: dict[int, str]
) -> None:
    mask = tmp_path / "labelsTr" / "m.nii"
    write_nifti(BLOBS, mask)
    assert label_tables(mask) == ()
    (tmp_path / "dataset.json").write_text(json.dumps(told))
    assert label_tables(mask) == (tmp_path / "dataset.json",)
    assert named_labels(mask) == names
    (tmp_path / "dataset.json").write_text("{")
    assert named_labels(mask) == {}


def test_a_label_that_the_table_does_not_name_is_refused(tmp_path: Path) -> None:
    write_nifti(Volume(BLOBS.array, GRID), tmp_path / "m.nii")
    (tmp_path / "dataset.json").write_text('{"labels": {"background": 0, "thrombus": 1}}')
    with pytest.raises(
        MaskError,
        match=r"marks with 2, which its header or the table beside it does not name .*'thrombus'",
    ):
        read_thrombi(tmp_path / "m.nii", GRID)


def test_what_is_to_be_ignored_is_no_thrombus(tmp_path: Path) -> None:
    write_nifti(BLOBS, tmp_path / "m.nii")
    (tmp_path / "dataset.json").write_text('{"labels": {"lesion": 1, "ignore": 2}}')
    labels = read_thrombi(tmp_path / "m.nii", GRID)
    np.testing.assert_array_equal(labels.volume.array > 0, BLOBS.array == 1)
    assert "left out: 'ignore'" in labels.remarks[0]


def test_a_table_of_bids_names_labels(tmp_path: Path) -> None:
    mask = tmp_path / "sub-01_dseg.nii.gz"
    write_nifti(BLOBS, mask)
    table = mask.with_name("sub-01_dseg.tsv")
    table.write_text("index\tname\n0\tbackground\n1\tvein\n2\tthrombus\n")
    assert named_labels(mask) == {1: "vein", 2: "thrombus"}
    table.write_text("number\tname\n1\tvein\n")
    assert named_labels(mask) == {}


def test_a_table_of_bids_above_the_subjects_names_labels(tmp_path: Path) -> None:
    mask = tmp_path / "sub-01/anat/sub-01_desc-clot_dseg.nii.gz"
    mask.parent.mkdir(parents=True)
    write_nifti(BLOBS, mask)
    (tmp_path / "desc-other_dseg.tsv").write_text("index\tname\n1\tfemur\n2\ttibia\n")
    (tmp_path / "desc-clot_dseg.tsv").write_text("index\tname\n1\tvein\n2\tthrombus\n")
    assert named_labels(mask) == {1: "vein", 2: "thrombus"}
    (tmp_path / "sub-01/dataset_description.json").write_text("{}")
    assert named_labels(mask) == {}


def test_what_is_no_table_of_bids_hides_no_other(tmp_path: Path) -> None:
    mask = tmp_path / "p1.nii"
    write_nifti(BLOBS, mask)
    (tmp_path / "p1.tsv").write_text("onset\tduration\n1\t2\n")
    (tmp_path / "dataset.json").write_text('{"labels": {"background": 0, "vein": 1, "clot": 2}}')
    assert named_labels(mask) == {1: "vein", 2: "clot"}
