"""Whether two bundles, or two engines, find the same: phantoms, each screened with both.

    python benchmarks/bundles.py ONE OTHER [--n 10] [--seed 500]
    python benchmarks/bundles.py ONE --engines torch bfloat16 [--n 10] [--seed 500]

ONE and OTHER are bundles of one modality, such as before and after their weights were stored in fewer bits.
CT shows a part of the legs in slices of 5 mm, MR whole legs: of less, or in coarser voxels, it finds little.
A row for each phantom, of which every second has DVT: the findings that both make alike (side and segments
equal, ends of their extent at most a voxel apart), the study's probability by each, and the Dice of what both
mark as deep vein and as findings (1 where neither marks anything). Nothing is timed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import SCALE
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.screening.bundle import load_bundle
from deepvein.screening.screen import screen
from deepvein.studies.study import Format, Identity, Modality, Origin, Study

PARTS = ("calf", "knee", "thigh", "groin")
"""CT's short coverages."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    parser.add_argument("--engines", nargs=2, default=("auto", "auto"))
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--seed", type=int, default=500)
    options = parser.parse_args()
    bundles = [load_bundle(folder) for folder in options.bundles]
    if len(bundles) > 2 or (len(bundles) == 1 and len(set(options.engines)) == 1):
        parser.error("give two bundles, or one and two engines")
    ways = list(zip((bundles[0], bundles[-1]), options.engines, strict=True))
    modality = bundles[0].bundle.modality
    alike = 0
    for number in range(options.n):
        part = PARTS[number // 2 % len(PARTS)]
        study = made(modality, part, options.seed + number, number % 2 == 0)
        found = [screen(study, device="cpu", engine=name, models=one) for one, name in ways]
        same = found[0].verdict is found[1].verdict and described(found[0]) == described(found[1])
        pairs = zip_longest(ends(found[0]), ends(found[1]))
        apart = [distance(*pair, study) for pair in pairs] if same else []
        same = same and all(voxels <= 1.0 for voxels in apart)
        alike += same
        told = " ".join(f"{one.probability or 0:.4f}" for one in found)
        print(
            f"{study.name:10} {found[0].verdict.value:18} findings {len(found[0].findings)} and "
            f"{len(found[1].findings)}, {'alike' if same else 'not alike'}; ends apart by "
            f"{max(apart, default=0.0):.1f} voxels; probabilities {told}; Dice of veins "
            f"{overlap(*map(veins, found)):.4f}, of findings {overlap(*map(thrombi, found)):.4f}",
            flush=True,
        )
    print(f"{alike} of {options.n} phantoms alike")


def made(modality: Modality, part: str, seed: int, with_dvt: bool) -> Study:
    """A phantom as a study whose header states a contrast medium; `part` is for CT alone."""
    settings = PhantomSettings()
    settings = replace(settings, ct=replace(settings.ct, coverage=part, thickness_mm=5.0))
    return Study(
        name=f"{modality.value} {seed}",
        modality=modality,
        volume=render(sample(seed, modality, with_dvt, settings)).image,
        identity=Identity(study_uid="1.2.3"),
        origin=Origin(Path("phantom"), Format.DICOM, ()),
        synthetic=True,
    )


def described(screening: Screening) -> list[tuple[Any, ...]]:
    """Side and segments of each finding, in the order of ends()."""
    return [
        (one.side, tuple(share.segment for share in one.segments)) for one in ordered(screening)
    ]


def ends(screening: Screening) -> list[tuple[float, float]]:
    """Lowest and highest z of each finding, in mm."""
    return [(one.start_mm, one.end_mm) for one in ordered(screening)]


def ordered(screening: Screening) -> list[Finding]:
    """Findings from the feet upward, so that their rank does not decide which are compared."""
    return sorted(screening.findings, key=lambda one: (one.side.value, round(one.start_mm)))


def veins(screening: Screening) -> NDArray[np.bool_]:
    """Where deep veins are likelier than not."""
    if screening.prediction is None:
        return np.zeros(screening.study.volume.grid.shape, dtype=bool)
    likely: NDArray[np.bool_] = screening.prediction.vein_probability >= SCALE / 2
    return likely


def thrombi(screening: Screening) -> NDArray[np.bool_]:
    """The voxels of all findings."""
    mask = np.zeros(screening.study.volume.grid.shape, dtype=bool)
    for finding in screening.findings:
        mask[tuple(finding.indices.T)] = True
    return mask


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Dice; 1 where both are empty."""
    both = int(one.sum() + other.sum())
    return 2 * int((one & other).sum()) / both if both else 1.0


def distance(one: tuple[float, float], other: tuple[float, float], study: Study) -> float:
    """How far the ends of an extent lie apart at the most, in voxels along the body."""
    grid = study.volume.grid
    step = grid.spacing_mm[grid.body_axis]
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) / step


if __name__ == "__main__":
    main()
