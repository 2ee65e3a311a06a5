"""The claims of Huang et al. 2019 beside what a reproduction found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.evaluation.statistics import Estimate, bootstrap, wilcoxon
from deepvein.laboratory.claims import NOT_MEASURED, Claim, of_difference, of_score
from deepvein.laboratory.huang2019.experiments import NAMES, PROPOSED
from deepvein.laboratory.huang2019.published import TABLE_1, TABLE_2
from deepvein.laboratory.huang2019.results import PatientResult, column, mean_of
from deepvein.laboratory.huang2019.tables import compared

Rows = Sequence[PatientResult]

_TEST = "paired Wilcoxon"
NAN = float("nan")


def claims(results: Mapping[str, Rows]) -> list[Claim]:
    """One for each claim, also where nothing was measured; results: rows by experiment."""
    proposed = results.get(PROPOSED, ())
    out = [_level(proposed)]
    tests = compared({n: r for n, r in results.items() if n.startswith("models/")}, PROPOSED)
    best = TABLE_2["gn-unet"][0].mean
    for name, label in NAMES.items():
        key = f"models/{name}"
        if key == PROPOSED:
            continue
        p = tests[key].p_holm if key in tests else NAN
        out.append(
            of_difference(
                f"The proposed network has a higher DSC than {label}",
                best - TABLE_2[name][0].mean,
                _paired(proposed, results.get(key, ())),
                f"{_TEST}, Holm",
                p,
            )
        )
    return [*out, _by_level(proposed), *_reasons(results)]


def _level(rows: Rows) -> Claim:
    dice = column(rows, "dice")
    here = _mean(dice, [row.patient for row in rows])
    printed = TABLE_1["all"][0]
    return of_score("The proposed network's mean DSC", printed.mean, printed.sd, here)


def _by_level(rows: Rows) -> Claim:
    """Above against below the knee, within the patients who have thrombi at both."""
    above, below = column(rows, "dice_proximal"), column(rows, "dice_distal")
    both = np.isfinite(above) & np.isfinite(below)
    patients = [row.patient for row, kept in zip(rows, both, strict=True) if kept]
    return of_difference(
        "Proximal thrombi are segmented better than distal ones (patients with both)",
        TABLE_1["proximal"][0].mean - TABLE_1["distal"][0].mean,
        _mean(above[both] - below[both], patients),
        _TEST,
        wilcoxon(above, below).p,
    )


def _reasons(results: Mapping[str, Rows]) -> list[Claim]:
    """The two reasons that the paper gives and does not measure."""
    pairs = (
        (
            "Group normalisation does better than batch normalisation with batches of two",
            "normalisation/group",
            "normalisation/batch",
        ),
        ("The focal loss does better than cross-entropy", PROPOSED, "losses/cross-entropy"),
    )
    out = []
    for text, first, second in pairs:
        own, other = results.get(first, ()), results.get(second, ())
        tested = {row.case for row in other}
        shared = [row for row in own if row.case in tested]
        tests = compared({first: shared, second: other}, first) if shared else {}
        p = tests[second].p if second in tests else NAN
        out.append(of_difference(text, None, _paired(own, other), _TEST, p))
    return out


def _paired(first: Rows, second: Rows) -> Estimate:
    """The mean of first minus second over the patients that both have been tested on."""
    other = {row.case: row.dice for row in second}
    shared = [row for row in first if row.case in other]
    difference = np.array([row.dice - other[row.case] for row in shared], dtype=np.float64)
    return _mean(difference, [row.patient for row in shared])


def _mean(values: NDArray[np.float64], patients: Sequence[str]) -> Estimate:
    if not patients:
        return NOT_MEASURED
    return bootstrap(lambda rows: mean_of(values[rows]), patients)
