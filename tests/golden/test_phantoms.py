"""The pixels of phantoms, and their truth, are the recorded ones on any machine.

Other pixels mean another generator: raise `GENERATOR` in `phantoms/plan.py` with the records, so that no
cohort of the old one is taken for one of the new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

COARSE = {
    "ct": ("ct.matrix=80", "ct.thickness_mm=20", "ct.planes=2"),
    "mr": ("mr.row_mm=12", "mr.column_mm=5", "mr.slice_mm=10", "mr.second_sequence=true"),
}
ANNOTATIONS = {"ct": "kozemzak2019", "mr": "radiologist"}
PERCENTS = (0, 5, 25, 50, 75, 95, 100)


def phantoms() -> dict[str, tuple[str, ...]]:
    """The options of each phantom by its name."""
    drawn = [
        ("0", "A", "clinical", "--dvt"),
        ("4", "B", "hard", "--dvt"),
        ("7", "C", "easy", "--dvt"),
        ("11", "A", "hard", "--no-dvt"),
        ("12", "C", "hard", "--dvt"),
    ]
    made = {}
    for modality, coarse in COARSE.items():
        for seed, centre, difficulty, dvt in drawn:
            name = f"{modality}-{seed}-{centre}-{difficulty}{dvt.removeprefix('-')}"
            options = ("--seed", seed, "--centre", centre, "--difficulty", difficulty, dvt)
            made[name] = (modality, *options, *changes(coarse))
    return made


def changes(settings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for setting in settings for word in ("--set", setting))


PHANTOMS = phantoms()


def described(array: NDArray[Any]) -> dict[str, Any]:
    """An image by its digest, and what helps to understand another one."""
    return {
        "shape": list(array.shape),
        "dtype": array.dtype.str,
        "sha256": hashlib.sha256(np.asfortranarray(array).tobytes(order="F")).hexdigest(),
        "mean": round(float(array.mean()), 6),
        "percentiles": {str(p): float(np.percentile(array, p)) for p in PERCENTS},
    }


def counted(array: NDArray[Any]) -> dict[str, Any]:
    """A label map by its digest, and the voxels of each label."""
    labels, voxels = np.unique(array, return_counts=True)
    short = described(array)
    counts = {str(label): int(n) for label, n in zip(labels.tolist(), voxels, strict=True)}
    return {key: short[key] for key in ("shape", "dtype", "sha256")} | {"voxels": counts}


def files(folder: Path) -> dict[str, Any]:
    """Every image and label map below a folder."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.nii*")):
        image = nibabel.load(path)
        array = np.asanyarray(image.dataobj)
        kind = counted if array.dtype == np.uint8 else described
        found[path.relative_to(folder).as_posix()] = kind(array) | {
            "affine": np.round(image.affine, 4).tolist()
        }
    return found


@pytest.mark.parametrize("name", PHANTOMS)
def test_pixels_and_truth(
    name: str, tmp_path: Path, golden: Any, deepvein: Callable[..., str]
) -> None:
    deepvein("phantom", *PHANTOMS[name], "--format", "nifti", "--out", tmp_path / "made")
    planted = json.loads((tmp_path / "made" / "planted.json").read_text())
    found = files(tmp_path / "made")
    assert "image.nii.gz" in found
    assert len(found) > 4
    golden.check(f"phantoms/{name}", {"thrombi": planted["thrombi"], "files": found})


@pytest.mark.parametrize("modality", COARSE)
def test_cohorts(modality: str, tmp_path: Path, golden: Any, deepvein: Callable[..., str]) -> None:
    """Two studies of one patient, with contours as readers draw them."""
    options = ("--n", 2, "--patients", 1, "--seed", 5, "--dvt-share", 1)
    drawn = ("--annotation", ANNOTATIONS[modality], "--write", "nifti", "--workers", 1)
    settings = changes(COARSE[modality])
    deepvein("phantom", "cohort", modality, *options, *drawn, *settings, "--out", tmp_path / "made")
    table = (tmp_path / "made" / "cohort.csv").read_text().splitlines()
    found = {"table": table, "files": files(tmp_path / "made")}
    assert len(found["files"]) > 4
    golden.check(f"phantoms/{modality}-cohort", found)
