from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepvein.core.errors import MaskError
from deepvein.studies.masks import read_regions, read_thrombi
from deepvein.studies.masks.colour_tables import colour_tables, table_names
from deepvein.studies.masks.label_tables import label_tables
from deepvein.studies.nifti import write_nifti
from unit.studies import making
from unit.studies.masks.test_reading import nrrd

GRID = making.grid_of(making.SHAPE)
BLOBS = making.two_blobs(GRID)
ITK_SNAP = """################################################
# ITK-SnAP Label Description File
# File format:
# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL
################################################
    0     0    0    0        0  0  0    "Clear Label"
    1   255    0    0        1  1  1    "left popliteal vein"
    2     0  255    0        0.5  1  1    "Thrombus, old"
    3     0    0  255        1  0  1    "Label 3"
"""
SLICER = """# Color table file C:/legs/Segmentation-label_ColorTable.ctbl
# 4 values
0 Background 0 0 0 0
1 left_popliteal_vein 216 101 79 255
2 'old_thrombus' 128 174 128 255
3 (none) 0 0 0 0
"""
SLICER_CSV = (
    "LabelValue,Name,Color_R,Color_G,Color_B,Color_A,Category_CodingScheme\n"
    '1,left popliteal vein,216,101,79,255,SCT\n2,"thrombus, old",128,174,128,255,SCT\n'
)
FREESURFER = """#No. Label Name: R G B A
0 Unknown 0 0 0 0
1 Left-Popliteal-Vein 70 130 180 0
2 Clot 245 245 245 0
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.txt", ITK_SNAP),
        ("snap.label", ITK_SNAP),
        ("Segmentation-label_ColorTable.ctbl", SLICER),
        ("colours.txt", SLICER),
        ("ColorTable.csv", SLICER_CSV),
        ("lut.txt", FREESURFER),
    ],
)
@pytest.mark.parametrize("above", [0, 2])
def test_tables_of_other_programs_name_labels(
    tmp_path: Path, name: str, text: str, above: int
) -> None:
    folder = tmp_path / "cohort" / "P01"
    mask, labelmap = folder / "seg.nii.gz", folder / "seg.nrrd"
    write_nifti(BLOBS, mask)
    nrrd(labelmap, BLOBS)
    (folder.parents[above - 1] if above else folder).joinpath(name).write_text(text)
    (folder / "notes.txt").write_text("1 patient\n2 legs\n")
    for one in (mask, labelmap):
        regions = {region.number: region for region in read_regions(one)}
        assert regions[1].vein is not None
        assert regions[2].thrombus
        thrombi = read_thrombi(one, GRID)
        np.testing.assert_array_equal(thrombi.volume.array > 0, BLOBS.array == 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 2 3 4 5\n2 3 4 5 6\n",
        "# Color procedural file x\n0 0 0 0\n63 0 0.5 0.49\n",
        "age 12\n",
        "LabelValue,Name\nx,y\n",
        ITK_SNAP + "and a sentence\n",
    ],
)
def test_other_files_are_no_tables(tmp_path: Path, text: str) -> None:
    for name in ("a.txt", "a.csv", "a.ctbl"):
        (tmp_path / name).write_text(text)
        assert table_names(tmp_path / name) == {}
    assert colour_tables(tmp_path / "mask.nii.gz") == ()


def test_a_table_called_after_the_mask_is_its_own(tmp_path: Path) -> None:
    for name in ("P01_seg", "P02_seg"):
        write_nifti(BLOBS, tmp_path / f"{name}.nii.gz")
    (tmp_path / "P01_labels.txt").write_text(ITK_SNAP)
    (tmp_path / "P02_labels.txt").write_text(ITK_SNAP.replace("Thrombus, old", "artery"))
    assert label_tables(tmp_path / "P01_seg.nii.gz") == (tmp_path / "P01_labels.txt",)
    assert [one.thrombus for one in read_regions(tmp_path / "P02_seg.nii.gz")] == [False] * 3
    write_nifti(BLOBS, tmp_path / "P03_seg.nii.gz")
    with pytest.raises(MaskError, match="P01_labels.txt and P02_labels.txt call the labels of"):
        read_regions(tmp_path / "P03_seg.nii.gz")


def test_a_file_called_after_thrombi_that_marks_a_vein_by_the_table_is_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "labels.txt").write_text(ITK_SNAP)
    alone = making.two_blobs(GRID)
    alone.array[alone.array == 2] = 0
    for name in ("P01_thrombus.nii.gz", "dvt_01.nii.gz"):
        write_nifti(alone, tmp_path / name)
    with pytest.raises(
        MaskError, match=r"called after thrombi and marks with 1, which is none by labels\.txt"
    ):
        read_thrombi(tmp_path / "P01_thrombus.nii.gz", GRID)
    assert not read_thrombi(tmp_path / "dvt_01.nii.gz", GRID).volume.array.any()


@pytest.mark.parametrize("table", ["veins.txt", "veins_labels.txt", "../veins.txt"])
def test_a_table_called_after_the_mask_of_veins_is_not_that_of_the_thrombi_beside_it(
    tmp_path: Path, table: str
) -> None:
    folder = tmp_path / "P01"
    folder.mkdir()
    (folder / table).write_text(ITK_SNAP.replace("Thrombus, old", "left femoral vein"))
    for name in ("veins.nii.gz", "clot.nii.gz"):
        write_nifti(BLOBS, folder / name)
    (own,) = colour_tables(folder / "veins.nii.gz")
    assert own.samefile(folder / table)
    assert colour_tables(folder / "clot.nii.gz") == ()
    found = read_thrombi(folder / "clot.nii.gz", GRID)
    np.testing.assert_array_equal(found.volume.array, BLOBS.array)
