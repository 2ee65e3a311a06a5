"""Over how many neighbouring slices artefacts and thrombi reach, which the paper's hypothesis rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.evaluation.tables import Table
from deepvein.laboratory.kozemzak2019.cohort import STRETCH, stretched
from deepvein.laboratory.kozemzak2019.measures import ARTEFACT
from deepvein.phantoms.ct.scan import CtScan
from deepvein.phantoms.phantom import sample
from deepvein.phantoms.plan import CohortPlan

CHUNK = 11
"""Slices that a classifier of many sees (Section 4.2)."""

Runs = Mapping[str, Sequence[int]]
"""Numbers of neighbouring slices of each run, for "artefact" and "thrombus"."""


def runs(marked: NDArray[np.bool_]) -> list[int]:
    """The lengths of the runs of True in (n,) values."""
    edges = np.diff(np.concatenate([[0], marked.astype(np.int8), [0]]))
    lengths: list[int] = (np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)).tolist()
    return lengths


def planned(plan: CohortPlan, studies: int | None = None) -> Runs:
    """Those of a cohort's first `studies` (None for all) as they are planned, without painting them."""
    out: dict[str, list[int]] = {"artefact": [], "thrombus": []}
    for order in plan.orders[:studies]:
        person = order.seed if order.person_seed is None else order.person_seed
        drawn = sample(
            order.seed, plan.modality, order.dvt, plan.settings_of(order), person_seed=person
        )
        scenario = stretched(drawn, STRETCH)
        if not isinstance(scenario.scan, CtScan):
            raise TypeError("only CT scans have slices along the body")
        heights = np.asarray(scenario.scan.heights_mm)
        artefacts = scenario.contrast.artefacts
        strength = [max((a.strength(z) for a in artefacts), default=0.0) for z in heights.tolist()]
        out["artefact"] += runs(np.array(strength) >= ARTEFACT)
        clots = [clot for thrombus in scenario.thrombi for clot in thrombus.clots]
        inside = [(heights >= clot.low_mm) & (heights <= clot.high_mm) for clot in clots]
        out["thrombus"] += runs(np.any(inside, axis=0) if inside else np.zeros(len(heights), bool))
    return out


def spans_table(found: Runs, title: str = "Spans") -> Table:
    """Median and middle half of each kind, and how many are shorter than what a classifier sees."""
    rows = []
    for name, lengths in found.items():
        if lengths:
            low, middle, high = np.percentile(lengths, (25, 50, 75))
            within = sum(length < CHUNK for length in lengths) / len(lengths)
            cells = (f"{middle:.0f}", f"{low:.0f}–{high:.0f}", f"{within:.0%}")
            rows.append((name, str(len(lengths)), *cells))
    columns = ("Of", "Runs", "Median slices", "Middle half", f"Shorter than {CHUNK} slices")
    return Table(title, columns, tuple(rows))
