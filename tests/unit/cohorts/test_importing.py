from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.importing import import_folder
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError, UsageError
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, make, write
from unit.studies import making
from unit.studies.masks.test_reading import nrrd
from unit.studies.masks.test_rtstruct import rtstruct
from unit.studies.masks.test_seg import segmentation


def rows(cohort: Cohort) -> list[tuple[object, ...]]:
    return [
        (
            case.case,
            case.patient,
            case.modality.value,
            case.segments and case.segments.name,
            case.thrombi and case.thrombi.name,
            case.has_dvt,
        )
        for case in cohort
    ]


def test_case_folders_become_a_cohort(tmp_path: Path) -> None:
    made = make(tmp_path / "legs", n=3, suffix=".nii.gz")
    (tmp_path / "legs" / "cohort.csv").unlink()
    made.cases[1].segments.unlink()
    made.cases[2].thrombi.unlink()
    found = import_folder(tmp_path / "legs", tmp_path / "out")
    assert rows(found.cohort) == [
        ("case0", "case0", "CT", "segments.nii.gz", "thrombi.nii.gz", True),
        ("case1", "case1", "CT", None, "thrombi.nii.gz", False),
        ("case2", "case2", "CT", "segments.nii.gz", None, None),
    ]
    assert found.left_out == ()
    assert any("is CT, since its values begin at -1024" in guess for guess in found.guesses)
    found.cohort.save()
    assert Cohort.load(tmp_path / "out") == found.cohort
    with pytest.raises(UsageError, match="is there already"):
        import_folder(tmp_path / "legs", tmp_path / "out")


def test_the_layout_of_nnunet_becomes_a_cohort(tmp_path: Path) -> None:
    made = make(tmp_path / "made", n=2, suffix=".nii.gz")
    root = tmp_path / "Dataset001_Legs"
    for name in ("imagesTr", "labelsTr"):
        (root / name).mkdir(parents=True)
    for number, case in enumerate(made):
        shutil.copy(case.image, root / "imagesTr" / f"leg_{number:03}_0000.nii.gz")
        shutil.copy(case.image, root / "imagesTr" / f"leg_{number:03}_0001.nii.gz")
        shutil.copy(case.thrombi, root / "labelsTr" / f"leg_{number:03}.nii.gz")
    found = import_folder(root, tmp_path / "a", modality=Modality.MR)
    assert rows(found.cohort) == [
        ("leg_000", "leg_000", "MR", None, "leg_000.nii.gz", True),
        ("leg_001", "leg_001", "MR", None, "leg_001.nii.gz", False),
    ]
    assert len(found.left_out) == 2
    assert all("channel 1" in line for line in found.left_out)


def test_dicom_with_masks_of_every_format_becomes_a_cohort(tmp_path: Path) -> None:
    for place, name in enumerate(("seg", "rtstruct", "slicer")):
        making.series(tmp_path / "in" / f"P{place}" / "dicom", making.grid_of(making.SHAPE))
        folder = tmp_path / "in" / f"P{place}"
        grid = read_study(folder / "dicom").volume.grid
        blobs = making.two_blobs(grid)
        if name == "seg":
            names = ("left popliteal vein", "Thrombus")
            segmentation(folder / "dicom", blobs.array, "BINARY", names).save_as(folder / "s.dcm")
        elif name == "rtstruct":
            corners = [(1.5, 2.5), (1.5, 7.5), (5.5, 7.5), (5.5, 2.5)]
            rtstruct(folder / "RS.dcm", grid, [(2, corners)])
        else:
            values = {"Segment0_LabelValue": "1", "Segment0_Name": "FV_L",
                      "Segment1_LabelValue": "2", "Segment1_Name": "FV_R"}  # fmt: skip
            nrrd(folder / "Segmentation.seg.nrrd", blobs, **values)
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    assert [row[3:] for row in rows(found.cohort)] == [
        ("s.dcm", "s.dcm", True),
        (None, "RS.dcm", True),
        ("Segmentation.seg.nrrd", None, None),
    ]
    opened = open_case(found.cohort.cases[0], found.cohort.cache)
    left = encode(VeinSegment.POPLITEAL, Side.LEFT)
    assert np.unique(opened.segments.array).tolist() == [0, left]


def test_visits_of_a_patient_stay_together(tmp_path: Path) -> None:
    image, _, _ = arrays(dvt=False)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, path in enumerate(("P1/v1/ct.nii", "P1/v2/ct.nii", "P2/20240131/ct.nii")):
        write(image + number, grid, tmp_path / "in" / path)
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.case, case.patient) for case in found.cohort] == [
        ("p1_v1", "P1"),
        ("p1_v2", "P1"),
        ("p2_20240131", "P2"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("P1/2024-01-31/ct.nii", "P1/2024-02-01/ct.nii"), ("P1_2024-01-31_ct.nii", "P1_2024-02-01_ct.nii"),
        ("P1/31.01.2024/ct.nii", "P1/01.02.2024/ct.nii"), ("P1/pre/ct.nii", "P1/post/ct.nii"),
        ("P1/follow-up 1/ct.nii", "P1/follow-up 2/ct.nii"), ("P1_day0_ct.nii", "P1_day90_ct.nii"),
    ],
)  # fmt: skip
def test_dates_and_times_are_no_patients(tmp_path: Path, first: str, second: str) -> None:
    image, _, _ = arrays(dvt=False)
    for number, name in enumerate((first, second)):
        write(image + number, Grid.from_directions(SHAPE, SPACING), tmp_path / "in" / name)
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.patient for case in found.cohort] == ["P1", "P1"]


@pytest.mark.parametrize("images", ["imagesTr", "images", "."])
def test_channels_and_visits_of_nnunet_are_no_patients(tmp_path: Path, images: str) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    names = ("CASE_0001", "CASE_0002", "patient01_v1", "patient01_v2")
    for number, name in enumerate(names):
        write(image + number, grid, tmp_path / "in" / images / f"{name}_0000.nii.gz")
        write(thrombi, grid, tmp_path / "in/labelsTr" / f"{name}.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    assert [row[1:5] for row in rows(found.cohort)] == [
        (patient, "CT", None, f"{name}.nii.gz")
        for name, patient in zip(names, (*names[:2], "patient01", "patient01"), strict=True)
    ]


def test_cases_with_numbers_of_four_digits_are_no_channels(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number in range(4):
        write(image + number, grid, tmp_path / "in/images" / f"CASE_{number:04}.nii.gz")
        write(thrombi, grid, tmp_path / "in/masks" / f"CASE_{number:04}.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.patient for case in found.cohort] == [f"CASE_{n:04}" for n in range(4)]
    assert all(case.has_dvt for case in found.cohort)


def test_predictions_and_long_names(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for name, array in (
        ("imagesTs/c_1_0000.nii", image), ("labelsTs/c_1.nii", thrombi * 0),
        ("predictionsTs/c_1.nii", thrombi), (f"{'p' * 160}/ct.nii", image + 1),
    ):  # fmt: skip
        write(array, grid, tmp_path / "in" / name)
    found = import_folder(tmp_path / "in", tmp_path / "out", modality=Modality.CT)
    assert {(case.case, case.has_dvt) for case in found.cohort} == {
        ("c_1", False),
        ("case_2", None),
    }
    assert any(
        "predictionsTs/c_1.nii: it is called a prediction" in line for line in found.left_out
    )
    found.cohort.save()
    assert len(Cohort.load(tmp_path / "out")) == 2


def test_the_layout_of_bids_becomes_a_cohort(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number in (1, 2):
        name = f"sub-01/ses-0{number}/anat/sub-01_ses-0{number}"
        write(image + number, grid, tmp_path / "in" / f"{name}_ct.nii.gz")
        write(thrombi, grid, tmp_path / "in/derivatives/manual" / f"{name}_label-clot_dseg.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.case, case.patient) for case in found.cohort] == [
        ("sub-01_ses-01", "sub-01"),
        ("sub-01_ses-02", "sub-01"),
    ]
    masks = [case.thrombi.name for case in found.cohort if case.thrombi]
    assert masks == [f"sub-01_ses-0{n}_label-clot_dseg.nii.gz" for n in (1, 2)]


def test_what_cannot_be_used_is_left_out_with_its_reason(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    write(image, grid, tmp_path / "in/P1/image.nii")
    write(thrombi, grid, tmp_path / "in/P1/thrombi_reader1.nii")
    write(thrombi, grid, tmp_path / "in/P1/thrombi_reader2.nii")
    write(thrombi, grid, tmp_path / "in/P2/thrombi.nii")
    write(thrombi.astype(np.float32) * np.nan, grid, tmp_path / "in/P1/veins.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert len(found.cohort) == 1
    said = "\n".join(found.left_out)
    assert "thrombi_reader2.nii: it marks just what thrombi_reader1.nii does" in said
    assert "P2/thrombi.nii: no image of this name" in said
    assert "veins.nii: the segments of case 'p1'" in said
    assert len(found.left_out) == 3
    with pytest.raises(CohortError, match="no image was found"):
        import_folder(tmp_path / "in" / "P2", tmp_path / "other")


def test_nifti_made_of_dicom_is_no_second_patient(tmp_path: Path) -> None:
    making.series(tmp_path / "in/P1/dicom", making.grid_of(making.SHAPE), PatientID="4711")
    volume = read_study(tmp_path / "in/P1/dicom").volume
    blobs = (making.two_blobs(volume.grid).array > 0).astype(np.uint8)
    write(volume.array, volume.grid, tmp_path / "in/P1/nifti/4711_CT_2.nii.gz")
    write(blobs, volume.grid, tmp_path / "in/P1/masks/4711_CT_2_thrombus.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.patient, case.has_dvt) for case in found.cohort] == [("4711", True)]
    (left,) = found.left_out
    assert "4711_CT_2.nii.gz: it shows the very voxels of" in left


def test_one_image_under_two_patients_is_told_and_one_twice_is_one(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for path in ("A1/ct.nii", "A1/ct.nii.gz", "B2/ct.nii"):
        write(image, grid, tmp_path / "in" / path)
    write(thrombi, grid, tmp_path / "in/A1/clot.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.patient, case.has_dvt) for case in found.cohort] == [("A1", True), ("B2", None)]
    assert [line.partition(": ")[0] for line in found.left_out] == [f"{tmp_path}/in/A1/ct.nii.gz"]
    assert any("B2/ct.nii and " in guess and "same voxels" in guess for guess in found.guesses)


def test_what_is_guessed_of_many_files_alike_is_said_once(tmp_path: Path) -> None:
    image, _, _ = arrays(dvt=False)
    for number in range(5):
        image[0, 0, 0] = number
        write(image, Grid.from_directions(SHAPE, SPACING), tmp_path / f"in/P{number}.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [guess for guess in found.guesses if " CT" in guess] == [
        "P0.nii.gz is CT, since its values begin at -1024 (so with 4 more)"
    ]


def test_what_anonymisers_give_to_everyone_is_no_patient(tmp_path: Path) -> None:
    for place, name in enumerate(("A1", "B2")):
        array = making.ramp(making.SHAPE) + place
        grid = making.grid_of(making.SHAPE)
        making.series(tmp_path / "in" / name / "CT", grid, array, PatientID="ANONYMOUS")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.patient for case in found.cohort] == ["A1", "B2"]
    assert any("2 images have no Patient ID of their own" in guess for guess in found.guesses)


def test_a_folder_of_pictures_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "P1").mkdir()
    (tmp_path / "P1/slice_1.png").write_bytes(b"")
    with pytest.raises(CohortError, match=r"it holds 1 files of other kinds \(.png\); save"):
        import_folder(tmp_path, tmp_path / "out")
