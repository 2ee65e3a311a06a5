from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.case import Case
from deepvein.cohorts.opening import OpenCase
from deepvein.core.errors import CohortError
from deepvein.laboratory.huang2019.results import (
    Context,
    PatientResult,
    by_patient,
    mean_of,
    measure,
    read_results,
    write_results,
)
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume

SHAPE = (4, 20, 8)
GRID = Grid.from_directions(SHAPE, (2.0, 5.0, 5.0), (0.0, 0.0, 0.0), CORONAL)
CONTEXT = Context("models/gn-unet", "fold 0", 0.25)


def case(thrombi: np.ndarray, *, veins: bool = True) -> OpenCase:
    segments = np.zeros(SHAPE, dtype=np.uint8)
    segments[:, :10, 3] = encode(VeinSegment.POPLITEAL, Side.LEFT)
    segments[:, 10:, 3] = encode(VeinSegment.PERONEAL, Side.LEFT)
    row = Case("c1", "p1", Modality.MR, Path("image.nii"), centre="A")
    image = Volume(np.zeros(SHAPE, dtype=np.int16), GRID)
    return OpenCase(row, image, Volume(segments, GRID) if veins else None, Volume(thrombi, GRID))


def thrombus() -> np.ndarray:
    """4 voxels above and 2 below the knee, in one slice."""
    made = np.zeros(SHAPE, dtype=np.uint8)
    made[1, 6:12, 3] = 1
    return made


def test_hand_counted_scores() -> None:
    prediction = np.zeros(SHAPE, dtype=bool)
    prediction[1, 8:10, 3] = True  # two of the four above
    prediction[1, 14:16, 3] = True  # two wrong ones below
    found = measure(case(thrombus()), prediction, CONTEXT)
    assert found.dice == pytest.approx(2 * 2 / (6 + 4))
    assert (found.precision, found.recall) == (0.5, pytest.approx(2 / 6))
    assert found.dice_proximal == pytest.approx(2 * 2 / (4 + 2))
    assert (found.precision_proximal, found.recall_proximal) == (1.0, 0.5)
    assert (found.dice_distal, found.precision_distal, found.recall_distal) == (0.0, 0.0, 0.0)
    assert found.thrombus_ml == pytest.approx(6 * 0.05)
    assert found.thrombus_ml + found.volume_error_ml == pytest.approx(4 * 0.05)
    assert (found.lesions, found.lesions_found, found.false_positives) == (2, 1, 1)
    assert (found.slices, found.positive_slices) == (4, 1)
    assert (found.patient, found.centre, found.seconds) == ("p1", "A", 0.25)


def test_levels_without_thrombus_have_no_score() -> None:
    made = thrombus()
    made[:, 10:] = 0
    found = measure(case(made), made > 0, CONTEXT)
    assert (found.dice, found.dice_proximal, found.hd95_mm) == (1.0, 1.0, 0.0)
    assert np.isnan(found.dice_distal)
    assert (found.lesions, found.lesions_found, found.false_positives) == (1, 1, 0)


def test_the_rule_for_empty_masks() -> None:
    nothing = np.zeros(SHAPE, dtype=bool)
    missed = measure(case(thrombus()), nothing, CONTEXT)
    assert (missed.dice, missed.precision, missed.recall) == (0.0, 0.0, 0.0)
    assert np.isnan(missed.hd95_mm)


def test_without_veins_there_are_no_levels() -> None:
    found = measure(case(thrombus(), veins=False), thrombus() > 0, CONTEXT)
    assert np.isnan(found.dice_proximal)
    assert (found.lesions, found.lesions_found) == (1, 1)


def test_a_case_without_truth_is_refused() -> None:
    opened = replace(case(thrombus()), thrombi=None)
    with pytest.raises(CohortError, match="no thrombi"):
        measure(opened, np.zeros(SHAPE, dtype=bool), CONTEXT)


def test_rows_come_back_to_the_last_bit(tmp_path: Path) -> None:
    made = thrombus()
    made[:, 10:] = 0
    row = replace(measure(case(made), made > 0, CONTEXT), dice=1 / 3)
    path = tmp_path / "results.csv"
    write_results([row], path)
    (back,) = read_results(path)
    assert back.dice == row.dice
    assert repr(back) == repr(row)
    assert read_results(tmp_path / "none.csv") == ()


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("case,dice\nc1,0.5\n")
    with pytest.raises(CohortError, match="no results of this version"):
        read_results(path)


@pytest.mark.parametrize("found", [False, True])
def test_a_patient_without_dvt_has_no_score_whatever_is_found(found: bool) -> None:
    prediction = np.full(SHAPE, found)
    row = measure(case(np.zeros(SHAPE, np.uint8)), prediction, CONTEXT)
    scores = (row.dice, row.precision, row.recall, row.dice_distal, row.hd95_mm, row.assd_mm)
    assert np.isnan(scores).all()
    assert (row.lesions, row.false_positives) == (0, int(found))


def test_the_mean_is_that_of_known_values() -> None:
    assert mean_of(np.array([1.0, np.nan, 2.0])) == 1.5
    assert np.isnan(mean_of(np.array([np.nan])))


def test_thrombi_of_a_hospital_that_all_are_marked_with_1_are_counted_by_what_touches(
    tmp_path: Path,
) -> None:
    """Two clots above the knee, of which one is found: they counted as one lesion that was found."""
    made = np.zeros(SHAPE, dtype=np.uint8)
    made[0, 0:3, 3] = made[3, 6:9, 3] = 1
    prediction = np.zeros(SHAPE, dtype=bool)
    prediction[0, 0:3, 3] = True
    opened = case(made)
    opened = replace(opened, case=replace(opened.case, image=tmp_path / "image.nii"))
    (tmp_path / "image.nii").touch()
    found = measure(opened, prediction, CONTEXT, synthetic=False)
    assert (found.lesions, found.lesions_found) == (2, 1)
    assert measure(opened, prediction, CONTEXT).lesions == 1


def test_a_patient_known_to_be_free_needs_no_mask() -> None:
    opened = replace(case(thrombus()), thrombi=None)
    opened = replace(opened, case=replace(opened.case, has_dvt=False))
    found = measure(opened, thrombus() > 0, CONTEXT)
    assert (found.lesions, found.false_positives, found.thrombus_ml) == (0, 1, 0)


def test_several_studies_of_a_patient_make_one_row() -> None:
    """Scores are tested in pairs of patients, which two studies of one are not."""

    def row(patient: str, case: str, dice: float, distal: float, lesions: int) -> PatientResult:
        return PatientResult(
            "models/x", "fold 0", patient, case, "A", 90, 45, dice, dice, dice, dice, dice, dice,
            distal, distal, distal, 10.0, -1.0, 4.0, 1.0, lesions, 1, 3, 0.1,
        )  # fmt: skip

    nan = float("nan")
    rows = [row("b", "b1", 0.4, nan, 2), row("a", "a1", 0.9, 0.5, 1), row("b", "b2", 0.6, 0.3, 0),
            row("c", "c1", nan, nan, 0), row("c", "c2", nan, nan, 0)]  # fmt: skip
    one, other, free = by_patient(rows)
    assert (one.patient, one.case, one.slices, one.lesions) == ("b", "b", 180, 2)
    assert (one.dice, one.dice_distal, one.seconds) == pytest.approx((0.5, 0.3, 0.1))
    assert other == replace(rows[1], case="a")
    assert np.isnan(free.dice)
