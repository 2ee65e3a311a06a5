"""The claims of Kozemzak et al. 2019 beside what a reproduction found."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import CohortError
from deepvein.evaluation.artefacts import artefact_rates
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.metrics import Overlap
from deepvein.evaluation.pixels import PixelTally
from deepvein.evaluation.statistics import Estimate, bootstrap
from deepvein.laboratory.claims import NOT_MEASURED, Claim, of_difference
from deepvein.laboratory.kozemzak2019.measures import ARTEFACT
from deepvein.laboratory.kozemzak2019.published import TABLE_1, TABLE_2
from deepvein.laboratory.kozemzak2019.recipes import LABELS
from deepvein.laboratory.kozemzak2019.results import SliceResults
from deepvein.laboratory.kozemzak2019.study_results import Gathered

Rows = NDArray[np.int64]

_TEST = "bootstrap over patients"
_SENSITIVITY = 0.9
NAN = float("nan")


def claims(found: Gathered) -> list[Claim]:
    """One for each claim, also where nothing was measured; all of them are of the test set."""
    out = [
        _segmenters(found, better, worse)
        for better, worse in (
            ("vgg-pretrained", "vgg"),
            ("vgg-pretrained", "unet"),
            ("vgg", "unet"),
        )
    ]
    out += [_classifiers(found, better) for better in ("cnn-rnn", "i3d")]
    out += [_fewer_alarms(found, better) for better in ("cnn-rnn", "i3d")]
    return out


def _segmenters(found: Gathered, better: str, worse: str) -> Claim:
    first, second = found.segmentation(better), found.segmentation(worse)
    text = f"{LABELS[better]} has a higher Dice than {LABELS[worse]}"
    printed = {row.model: row.test for row in TABLE_1 if row.metric == "Dice"}
    here, p = NOT_MEASURED, NAN
    if first is not None and second is not None and first.of("test").studies:
        tests = [one.of("test") for one in (first, second)]
        confusions = [[PixelTally(c).overlap() for c in one.counts()] for one in tests]

        def difference(rows: Rows) -> float:
            scores = [sum((own[row] for row in rows), Overlap(0, 0, 0, 0)) for own in confusions]
            return scores[0].dice - scores[1].dice

        here, p = _tested(difference, tests[0].patients, found.study.profile.draws)
    return of_difference(text, printed[better] - printed[worse], here, _TEST, p)


def _classifiers(found: Gathered, better: str) -> Claim:
    worse, metric = "resnet18", "AUROC"
    text = f"{LABELS[better]}, which sees eleven slices, has a higher {metric} than the {LABELS[worse]}"
    printed = {row.model: row.test for row in TABLE_2 if row.metric == metric}
    pair = _pair(found, better, worse)
    here, p = NOT_MEASURED, NAN
    if pair is not None:
        first, second = pair

        def difference(rows: Rows) -> float:
            own, other = (auroc(one.probability[rows], one.truth[rows]) for one in (first, second))
            return own - other

        here, p = _tested(difference, first.patients, found.study.profile.draws)
    return of_difference(text, printed[better] - printed[worse], here, _TEST, p)


def _fewer_alarms(found: Gathered, better: str) -> Claim:
    """The hypothesis; the paper states it and does not measure it."""
    text = (
        f"At 90 % sensitivity {LABELS[better]} calls fewer slices with a mixing artefact positive than the "
        f"{LABELS['resnet18']}"
    )
    pair = _pair(found, better, "resnet18")
    here, p = NOT_MEASURED, NAN
    if pair is not None and pair[0].knows_artefacts:
        first, second = pair

        def rate(one: SliceResults, rows: Rows) -> float:
            try:
                return artefact_rates(
                    one.probability[rows],
                    one.exact[rows],
                    one.artefact[rows] >= ARTEFACT,
                    _SENSITIVITY,
                ).artefact
            except CohortError:
                return NAN

        here, p = _tested(
            lambda rows: rate(second, rows) - rate(first, rows),
            first.patients,
            found.study.profile.draws,
        )
    return of_difference(text, None, here, _TEST, p)


def _pair(found: Gathered, *names: str) -> tuple[SliceResults, SliceResults] | None:
    """Two classifiers of the same test slices, None if one is missing."""
    both = [found.slices(name) for name in names]
    if any(one is None or not one.of("test").rows for one in both):
        return None
    first, second = (one.of("test") for one in both if one is not None)
    same = [(r.case, r.slice) for r in first.rows] == [(r.case, r.slice) for r in second.rows]
    return (first, second) if same else None


def _tested(
    statistic: Callable[[Rows], float], patients: tuple[str, ...], draws: int
) -> tuple[Estimate, float]:
    """Its value with the 95 % interval, and twice the share of draws on the other side of 0."""
    drawn: list[float] = []

    def kept(rows: Rows) -> float:
        drawn.append(statistic(rows))
        return drawn[-1]

    here = bootstrap(kept, patients, draws=draws)
    if isnan(here.low):
        return here, NAN
    finite = np.array(drawn)[np.isfinite(drawn)]
    other_side = min((finite <= 0).sum(), (finite >= 0).sum())
    return here, float(min(1.0, 2 * (other_side + 1) / (len(finite) + 1)))
