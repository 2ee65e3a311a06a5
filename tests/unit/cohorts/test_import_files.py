from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.importing import import_folder
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write
from unit.studies.masks.test_reading import nrrd


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


def test_what_a_model_drew_for_monai_label_is_no_truth(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number in (1, 2):
        write(image + number, grid, tmp_path / f"in/P{number}.nii.gz")
        write(thrombi, grid, tmp_path / f"in/labels/original/P{number}.nii.gz")
    write(thrombi, grid, tmp_path / "in/labels/final/P1.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.has_dvt for case in found.cohort] == [True, None]
    assert len(found.left_out) == 2
    (told,) = (guess for guess in found.guesses if "Patient ID" in guess)
    assert told.startswith("2 images have no Patient ID of their own and were taken for 2 patients")


def test_images_and_masks_of_a_challenge_are_told_by_their_folders(tmp_path: Path) -> None:
    """`vein` is the name of the task there, and stands in the name of every file."""
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    root = tmp_path / "Task99_Vein"
    for number in range(2):
        write(image + number, grid, root / f"imagesTr/vein_{number:03}.nii.gz")
        write(thrombi, grid, root / f"labelsTr/vein_{number:03}.nii.gz")
    told = {"modality": {"0": "T1 vibe"}, "labels": {"0": "background", "1": "thrombus"}}
    (root / "dataset.json").write_text(json.dumps(told))
    found = import_folder(root, tmp_path / "out")
    assert [(case.patient, case.modality, case.segments, case.has_dvt) for case in found.cohort] == [
        ("000", Modality.MR, None, True), ("001", Modality.MR, None, True),
    ]  # fmt: skip
    assert f"images are MR, as {root}/dataset.json says" in found.guesses


@pytest.mark.parametrize("modality", [None, Modality.CT])
def test_what_nothing_calls_a_mask_is_one_by_its_values(
    tmp_path: Path, modality: Modality | None
) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    write(image, grid, tmp_path / "in/P1.nii.gz")
    write(thrombi.astype(np.int16), grid, tmp_path / "in/P1_AB.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out", modality=modality)
    assert [(case.image.name, case.thrombi.name) for case in found.cohort] == [
        ("P1.nii.gz", "P1_AB.nii.gz")
    ]
    assert found.left_out == ()


def test_a_segmentation_without_segments_tells_nothing(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=False)
    grid = Grid.from_directions(SHAPE, SPACING)
    write(image, grid, tmp_path / "in/P1/ct.nii.gz")
    nrrd(tmp_path / "in/P1/Segmentation.seg.nrrd", Volume(thrombi, grid))
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.has_dvt for case in found.cohort] == [None]
    assert "it holds no segment" in found.left_out[0]


def test_a_link_to_nothing_keeps_no_other_file_out(tmp_path: Path) -> None:
    """Data sets of DataLad hold links to files that were not fetched yet."""
    image, _, _ = arrays(dvt=False)
    write(image, Grid.from_directions(SHAPE, SPACING), tmp_path / "in/P1_ct.nii.gz")
    (tmp_path / "in/P2_ct.nii.gz").symlink_to(".git/annex/objects/lost")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.patient for case in found.cohort] == ["P1"]
    assert any(
        "P2_ct.nii.gz: it links to a file that is not there" in line for line in found.left_out
    )


def test_pictures_and_tables_that_are_not_read_are_told(tmp_path: Path) -> None:
    root = tmp_path / "in"
    write(arrays(dvt=True)[0], Grid.from_directions(SHAPE, SPACING), root / "P1" / "ct.nii")
    (root / "P1" / "masks").mkdir()
    for number in range(3):
        (root / "P1" / "masks" / f"{number}.png").touch()
    for name in ("labels.csv", "P1/photo.png", "P1/plan.rois_series", "P1/own.csv"):
        (root / name).write_text("id;dvt\nP1;1\n")
    found = import_folder(root, tmp_path / "out")
    plan, table, pictures = (line.replace(str(root.resolve()), "") for line in found.left_out)
    assert plan.startswith("/P1/plan.rois_series: it is of a kind that is not read")
    assert table.startswith("/labels.csv: tables are not read; enter what it tells of has_dvt")
    assert pictures.startswith("/P1/masks: pictures in it are called masks, 3 of them, first 0.png")
