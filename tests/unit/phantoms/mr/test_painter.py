from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.mr import MrScan, MrSettings
from deepvein.phantoms.mr.acquisition import FINE
from deepvein.phantoms.mr.painter import Easel, Pictures, layered
from deepvein.phantoms.mr.shim import Shim, UnevenField
from deepvein.phantoms.phantom import PhantomSettings, Scenario, sample
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.studies.study import Modality

THIGH = PhantomSettings(
    mr=MrSettings(
        row_mm=2.0,
        column_mm=3.0,
        slice_mm=3.0,
        stations=1,
        coverage=(1.4, 1.45),
        distortion_mm=(0.0, 0.0),
        arms_share=0.0,
        wrap_share=0.0,
        fat_failure=0.0,
        water_swap_share=0.0,
        second_sequence=True,
    ),
    centre="A",
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return sample(3, Modality.MR, False, THIGH)


def painted(scenario: Scenario, *places: UnevenField) -> tuple[Pictures, Canvas, Easel]:
    scan = scenario.scan
    assert isinstance(scan, MrScan)
    easel = Easel(replace(scan, shim=Shim(places)), scenario.painter)
    pictures = easel.blank(scan.stations[0])
    return pictures, easel.paint(scan.stations[0], 3, pictures), easel


def test_a_row_holds_the_canvas_in_eighths(scenario: Scenario) -> None:
    pictures, canvas, easel = painted(scenario)
    assert easel.scan.layers == 2
    mean = (canvas.value[::2] + canvas.value[1::2]) / 2
    assert np.abs(pictures.t1[:, 3] / FINE - np.maximum(mean, 0)).max() <= 0.5 / FINE + 1e-3


def test_arteries_are_bright_first_and_void_in_the_second_sequence(scenario: Scenario) -> None:
    pictures, _, easel = painted(scenario)
    inside = pictures.arteries[:, 3] > 0
    assert inside.any()
    assert pictures.t2 is not None
    assert pictures.t1[:, 3][inside].mean() > 1.3 * FINE * easel.t1.tissue(Tissue.MUSCLE)
    assert pictures.t2[:, 3][inside].mean() < FINE * easel.t2.tissue(Tissue.MUSCLE)


def test_escaped_fat_is_as_bright_as_unsuppressed_fat(scenario: Scenario) -> None:
    z = float(scenario.frame.z(1.42))
    clean, _, easel = painted(scenario)
    failed, _, _ = painted(scenario, UnevenField(0, 0, z, 900, 50.0))
    for one, other, palette in (
        (clean.t1, failed.t1, easel.t1),
        (clean.t2, failed.t2, easel.t2),
    ):
        assert one is not None
        assert other is not None
        before = one[:, 3].astype(float) / FINE
        after = other[:, 3].astype(float) / FINE
        fat = np.abs(before - palette.tissue(Tissue.FAT)) < 1e-2 * palette.tissue(Tissue.FAT)
        assert fat.sum() > 50
        expected = palette.unsuppressed[Tissue.FAT]
        assert np.median(after[fat]) == pytest.approx(expected, rel=0.02)
        # Muscle holds a few per cent of fat.
        muscle = np.abs(before / palette.tissue(Tissue.MUSCLE) - 1) < 0.06
        assert muscle.sum() > 50
        assert np.median((after - before)[muscle]) < 0.1 * expected


def test_water_is_lost_where_the_pulse_hits_it(scenario: Scenario) -> None:
    z = float(scenario.frame.z(1.42))
    clean, _, easel = painted(scenario)
    swapped, _, _ = painted(scenario, UnevenField(0, 0, z, 900, 50.0, swapped=True))
    muscle = np.abs(clean.t1[:, 3] / FINE / easel.t1.tissue(Tissue.MUSCLE) - 1) < 0.06
    assert muscle.sum() > 50
    left = swapped.t1[:, 3][muscle] / clean.t1[:, 3][muscle]
    assert 0.15 < np.median(left) < 0.35


def test_layers_keep_what_half_of_them_show() -> None:
    labels = np.array([[0, 5, 5, 0], [0, 5, 0, 0], [7, 5, 0, 0]], np.uint8)
    assert layered(labels, 3).tolist() == [[0, 5, 0, 0]]
    assert layered(np.array([[5, 0], [0, 0]], np.uint8), 2).tolist() == [[5, 0]]
    assert layered(labels, 1) is labels
