from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.phantoms import library
from deepvein.phantoms.annotation.annotation import RADIOLOGIST
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.plan import CohortPlan, claim
from deepvein.phantoms.writing import write_dicom
from deepvein.studies.nifti import read_nifti
from deepvein.studies.study import Modality

TINY = PhantomSettings(
    ct=CtSettings(matrix=48, thickness_mm=40.0, planes=1, coverage="pelvis to knee")
)
PLAN = CohortPlan(Modality.CT, 3, 1, dvt_share=1.0, patients=2, settings=TINY)


def test_a_case_is_the_phantom_of_its_seeds(tmp_path: Path) -> None:
    claim(PLAN, tmp_path)
    order = PLAN.orders[2]
    (tmp_path / "out").mkdir()
    library.make(tmp_path / "cohort.json", order.case, tmp_path / "out")
    scenario = sample(order.seed, Modality.CT, True, TINY, person_seed=order.person_seed)
    settings = replace(TINY, centre=order.centre)
    phantom = render(sample(order.seed, Modality.CT, True, settings, person_seed=order.person_seed))
    assert scenario.person == phantom.scenario.person
    np.testing.assert_array_equal(
        read_nifti(tmp_path / "out" / "image.nii").array, phantom.image.array
    )
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "image.nii",
        "planted.json",
        "segments.nii",
        "thrombi.nii",
    ]


def test_two_studies_of_a_patient_show_one_person_twice(tmp_path: Path) -> None:
    import pydicom

    again = PLAN.orders[2]
    first = next(order for order in PLAN.orders if order.patient == again.patient)
    one, two = (library.render_case(PLAN, order) for order in (first, again))
    assert one.scenario.person == two.scenario.person
    assert one.scenario.scan != two.scenario.scan
    headers = [
        pydicom.dcmread(write_dicom(phantom, tmp_path / str(number))[0])
        for number, phantom in enumerate((one, two))
    ]
    assert headers[0].PatientID == headers[1].PatientID
    assert headers[0].StudyInstanceUID != headers[1].StudyInstanceUID


def test_annotation_changes_labels_and_neither_image_nor_verdict() -> None:
    drawn = replace(PLAN, annotation=RADIOLOGIST)
    exact, by_hand = (library.render_case(plan, PLAN.orders[0]) for plan in (PLAN, drawn))
    np.testing.assert_array_equal(exact.image.array, by_hand.image.array)
    assert (exact.segments.array != by_hand.segments.array).any()
    assert by_hand.thrombi.array.any()


def test_a_thrombus_that_never_shows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def invisible(seed, modality, dvt, settings, *, person_seed):
        seeds.append(seed)
        return sample(seed, modality, False, settings, person_seed=person_seed)

    monkeypatch.setattr(library, "sample", invisible)
    monkeypatch.setattr(library, "_ATTEMPTS", 2)
    with pytest.raises(CohortError, match="thinner slices"):
        library.render_case(PLAN, PLAN.orders[0])
    assert len(set(seeds)) == 2


def test_the_key_is_the_plans(tmp_path: Path) -> None:
    claim(PLAN, tmp_path)
    path = tmp_path / "cohort.json"
    assert library.key(path, "ct1-0001") == PLAN.key(PLAN.orders[1])
    with pytest.raises(CohortError, match="no case"):
        library.key(path, "ct1-0003")
