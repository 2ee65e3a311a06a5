from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.importing import import_folder
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write


def test_each_file_that_is_left_out_is_told_once(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    write(np.abs(image), grid, tmp_path / "in/a_img.nii")
    write(thrombi, grid, tmp_path / "in/a_clot.nii")
    write(image, grid, tmp_path / "in/b_CT.nii")
    (tmp_path / "in/c.nii.gz").write_bytes(b"abc")
    (tmp_path / "in/d_seg.nrrd").write_bytes(b"NRRD0004\n")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.case for case in found.cohort] == ["b"]
    assert sorted(line.partition(": ")[0].rpartition("/")[2] for line in found.left_out) == [
        "a_clot.nii", "a_img.nii", "c.nii.gz", "d_seg.nrrd",
    ]  # fmt: skip
    other = import_folder(tmp_path / "in", tmp_path / "other", modality=Modality.MR)
    assert [(case.case, case.modality.value) for case in other.cohort] == [("a", "MR"), ("b", "MR")]
    assert "b_CT.nii is MR, whatever its name says" in other.guesses


def test_a_folder_of_masks_alone_is_told(tmp_path: Path) -> None:
    write(arrays(dvt=True)[2], Grid.from_directions(SHAPE, SPACING), tmp_path / "in/p_mask.nii")
    with pytest.raises(CohortError, match="1 files are called masks or hold labels, first p_mask"):
        import_folder(tmp_path / "in", tmp_path / "out")


def test_files_that_are_not_read_and_predictions_are_told(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    (tmp_path / "mha").mkdir()
    (tmp_path / "mha/a.mha").write_bytes(b"ObjectType = Image")
    with pytest.raises(
        CohortError, match=r"a\.mha: it is of a kind that is not read; save it as \.nii"
    ):
        import_folder(tmp_path / "mha", tmp_path / "out")
    write(image, grid, tmp_path / "in/a.nii")
    (tmp_path / "in/b.tar.gz").write_bytes(b"x")
    write(thrombi, grid, tmp_path / "in/a_pred_seg.nii")
    write(thrombi.astype(np.float32) / 2, grid, tmp_path / "in/a_pred.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.case, case.thrombi) for case in found.cohort] == [("a", None)]
    assert len([line for line in found.left_out if "is called a prediction" in line]) == 2
    assert any("b.tar.gz: it is an archive" in line for line in found.left_out)


def test_results_of_a_screening_are_no_truth(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    write(image, grid, tmp_path / "in/a.nii")
    write(thrombi, grid, tmp_path / "in/results/territories.nii")
    (tmp_path / "in/results/manifest.json").write_text('{"schema": "deepvein/manifest/2"}')
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.thrombi for case in found.cohort] == [None]
    assert "territories.nii: it is a result of deepvein" in found.left_out[0]


def test_a_segmentation_that_a_program_drew_is_told(tmp_path: Path) -> None:
    from unit.studies import making
    from unit.studies.masks.test_seg import segmentation

    grid = making.grid_of(making.SHAPE)
    folder = making.series(tmp_path / "in/a", grid)
    made = segmentation(folder, making.two_blobs(grid).array, "BINARY", ("vein", "clot"))
    made.save_as(tmp_path / "in/a_clot.dcm")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert "a_clot.dcm says that a program drew it; it is taken for the truth" in found.guesses
