"""The tables of both reproduced papers, at a tiny setting, are the recorded ones.

Huang 2019 trains on noise with bright blocks in it, which tiny networks learn in seconds, so that scores
differ from nought; Kozemzak 2019 makes its own cohort. A training amplifies the rounding of another
kind of processor, so there the cells are not compared, and the test says that it was left out.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from deepvein.laboratory.huang2019 import profiles as huang
from deepvein.laboratory.huang2019.study import Study
from deepvein.laboratory.kozemzak2019 import profiles as kozemzak
from deepvein.laboratory.kozemzak2019.step_actions import Study as KozemzakStudy
from deepvein.laboratory.kozemzak2019.study import Kozemzak2019
from deepvein.laboratory.reproduction import reproduce
from deepvein.training.machine import Machine

pytestmark = pytest.mark.slow

CPU = Machine(device="cpu", workers=0)
SHORT = kozemzak.Training(steps=4, epochs=1, batch=4, rate=1e-3)
TINY_HUANG = replace(
    huang.QUICK, name="tiny", patients=4, slices=4 * 8, centre_patients=1, depth_slices=8, coarsening=12.0,
    size=(64, 32), narrowing=16, kernel=3, chunk=4, epochs=1, steps=60, batch=2, folds=2,
    learning_rate=0.02,
)  # fmt: skip
TINY_KOZEMZAK = replace(
    kozemzak.QUICK, name="tiny", studies=10, patients=9, matrix=64, size=32, slices=((25.0, 25.0, 1.0),),
    width=0.06, segmenter=SHORT, segmenter_3d=SHORT, classifier=SHORT, classifier_3d=SHORT,
    pretext=SHORT, pretext_studies=1, folds=2, trials=1, draws=20, stride=6, precision="32-true",
)  # fmt: skip
FEMORAL, POSTERIOR_TIBIAL = 7, 10
MEASURED = {"Seconds a slice"}
"""Columns of durations."""


def bright_blocks(folder: Path) -> Path:
    """A cohort of four patients in the documented format: MR noise with a block in each of two veins."""
    rows = []
    for number in range(4):
        place = folder / f"p{number}"
        place.mkdir(parents=True)
        drawn = np.random.default_rng(number)
        image = drawn.integers(0, 90, (24, 4, 40)).astype(np.int16)
        thrombi, segments = (np.zeros(image.shape, dtype=np.uint8) for _ in range(2))
        for label, rows_of, vein in (
            (1, slice(6, 14), POSTERIOR_TIBIAL),
            (2, slice(22, 34), FEMORAL),
        ):
            block = (slice(9 + label, 13 + label), slice(1, 3), rows_of)
            thrombi[block], segments[block] = label, vein
            image[block] += 200
        for name, array in (("image", image), ("thrombi", thrombi), ("segments", segments)):
            nibabel.save(
                nibabel.Nifti1Image(array, np.diag([8.0, 15.0, 4.0, 1.0])), place / f"{name}.nii"
            )
        files = [f"p{number}/{name}.nii" for name in ("image", "segments", "thrombi")]
        rows.append([f"c{number}", f"p{number}", "MR", *files, "true"])
    with (folder / "cohort.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["case", "patient", "modality", "image", "segments", "thrombi", "has_dvt"])
        table.writerows(rows)
    return folder


def tables(folder: Path) -> dict[str, list[list[str]]]:
    """Each table of the page by its name, as rows of cells, without durations."""
    found = {}
    measured = [path for path in (folder / "tables").glob("*.csv") if path.stem != "facts"]
    for path in sorted(measured):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        kept = [column for column, name in enumerate(rows[0]) if name not in MEASURED]
        found[path.stem] = [[row[column] for column in kept] for row in rows]
    return found


@pytest.fixture(autouse=True)
def _on_the_recorded_kind_of_processor(golden: Any) -> None:
    if not golden.at_home("papers"):
        pytest.skip("trainings on another kind of processor or torch end in other digits")


def test_huang2019(tmp_path: Path, golden: Any) -> None:
    own = bright_blocks(tmp_path / "own")
    out = tmp_path / "out"
    assert reproduce(Study(TINY_HUANG, out, own, beyond=False, machine=CPU)).complete
    golden.check("papers/huang2019", tables(out))


def test_kozemzak2019(tmp_path: Path, golden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no published weights"))
    out = tmp_path / "out"
    place = KozemzakStudy(TINY_KOZEMZAK, out, machine=CPU)
    study = Kozemzak2019.of(place, ("vgg", "resnet18-masks"), pretrained="none")
    assert reproduce(study).complete
    golden.check("papers/kozemzak2019", tables(out))
