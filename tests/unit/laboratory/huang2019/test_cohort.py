from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.laboratory.huang2019.cohort import Order, make_patient, orders
from deepvein.laboratory.huang2019.leg import FieldOfView
from deepvein.laboratory.huang2019.profiles import PAPER, QUICK
from deepvein.laboratory.huang2019.sequences import has_second


def test_lesions_are_the_papers() -> None:
    made = orders(PAPER)
    reaches = Counter(order.reach for order in made)
    assert len(made) == 58
    assert reaches["both"] + reaches["proximal"] == 56
    assert reaches["both"] + reaches["distal"] == 43
    assert sum(order.female for order in made) == 33
    assert sum(order.field.slices for order in made) == 5388
    assert len({order.seed for order in made}) == 58


def test_small_cohorts_have_all_kinds() -> None:
    reaches = Counter(order.reach for order in orders(QUICK))
    assert min(reaches.values()) >= 1
    assert sum(reaches.values()) == QUICK.patients
    centres = [order.centre for centre in "BC" for order in orders(QUICK, centre)]
    assert Counter(centres) == {"B": QUICK.centre_patients, "C": QUICK.centre_patients}


def test_fields_cover_one_leg() -> None:
    for centre in "ABC":
        field = PAPER.field_at(centre)
        sizes = [
            n * mm
            for n, mm in zip((field.rows, field.columns, field.slices), field.voxel_mm, strict=True)
        ]
        assert np.allclose(sizes, (721, 190, 56), atol=3)
        coarse = QUICK.field_at(centre)
        assert abs(coarse.length_mm - field.length_mm) < 4


def test_a_patient_on_disk(tmp_path: Path) -> None:
    field = FieldOfView(60, 24, 8, (12.0, 8.0, 7.0))
    order = Order("a-000", "A", "proximal", True, field, 5)
    make_patient(order, tmp_path)
    from deepvein.laboratory.huang2019.cohort import _case

    case = _case(order, tmp_path)
    opened = open_case(case, Cohort(tmp_path, (case,)).cache)
    assert opened.image.grid.shape == (8, 60, 24)
    assert np.allclose(opened.image.grid.spacing_mm, (7.0, 12.0, 8.0))
    assert opened.thrombi is not None
    assert np.asarray(opened.thrombi.array).any()
    assert has_second(case)
    assert not has_second(replace(case, image=tmp_path / "elsewhere" / "image.nii"))
