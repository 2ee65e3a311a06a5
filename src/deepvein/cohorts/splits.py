"""Dividing a cohort by patient: all studies of a patient stay together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.balance import BalanceReport, balance, covariates_of, spread
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import has_dvt
from deepvein.cohorts.statistics import CaseStatistics
from deepvein.core.errors import CohortError, SettingsError
from deepvein.core.seeds import generator

_ROUNDED = 0.0015
"""By how much shares such as three times 33.3 percent may miss 1."""


@dataclass(frozen=True)
class Shares:
    """Shares of the patients in each split, together 1 (Kozemzak 2019: 0.6, 0.2, 0.2)."""

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2

    def __post_init__(self) -> None:
        if min(self.train, self.validation, self.test) < 0 or self.train <= 0:
            raise SettingsError(f"shares are 0 or larger and train is above 0, got {self}")
        total = self.train + self.validation + self.test
        if not abs(total - 1) <= _ROUNDED:
            raise SettingsError(
                f"shares of train, validation and test add up to 100 percent, these to {100 * total:.4g}"
            )

    def counts(self, patients: int) -> dict[str, int]:
        """Patients of each split with a share above 0: rounded, together all, and none without any.

        CohortError if there are fewer patients than splits.
        """
        shares = {name: getattr(self, name) for name in ("train", "validation", "test")}
        shares = {name: share for name, share in shares.items() if share > 0}
        if patients < len(shares):
            raise CohortError(
                f"{patients} patients cannot be divided into {len(shares)} splits; "
                f"at least {len(shares)} are needed"
            )
        exact = {name: share * patients / sum(shares.values()) for name, share in shares.items()}
        counts = {name: max(1, int(n)) for name, n in exact.items()}
        while sum(counts.values()) < patients:
            counts[max(counts, key=lambda name: exact[name] - counts[name])] += 1
        while sum(counts.values()) > patients:
            counts[max(counts, key=lambda name: counts[name])] -= 1
        return counts


DEFAULT_SHARES = Shares()


def random_split(cohort: Cohort, seed: int, shares: Shares = DEFAULT_SHARES) -> Cohort:
    """The cohort with each case's `split` drawn at random by patient."""
    patients = list(cohort.patients)
    order = generator(seed, "split").permutation(len(patients))
    splits = _dealt(shares.counts(len(patients)))
    return _with_splits(
        cohort, {patients[n]: split for n, split in zip(order, splits, strict=True)}
    )


def chance_split(cohort: Cohort, seed: int) -> Cohort:
    """`random_split` into four fifths to train on and one fifth for validation, with DVT in both.

    Where two patients have it and chance left them to one side, the first of them and the first patient of
    the other side change places.
    """
    split = random_split(cohort, seed, Shares(train=0.8, validation=0.2, test=0.0))
    side = {case.patient: case.split for case in split}
    sick, _ = _strata(cohort)
    sides = {side[patient] for patient in sick}
    if len(sick) < 2 or len(sides) > 1:
        return split
    other = next(patient for patient in side if side[patient] not in sides)
    side[sick[0]], side[other] = side[other], side[sick[0]]
    return _with_splits(cohort, side)


def stratified_split(cohort: Cohort, seed: int, shares: Shares = DEFAULT_SHARES) -> Cohort:
    """The cohort with each case's `split` drawn by patient, patients with DVT and those without alike.

    Each patient, in random order and those with DVT first, goes where most is lacking of its group's share;
    a group with as many patients as there are splits has one in each that has room. CohortError if there are
    fewer patients than splits.
    """
    counts = shares.counts(len(cohort.patients))
    random = generator(seed, "stratified split")
    split_of: dict[str, str] = {}
    lacking = dict.fromkeys(counts, 0.0)
    for group in _strata(cohort):
        for n in random.permutation(len(group)):
            for name, count in counts.items():
                lacking[name] += count / len(cohort.patients)
            chosen = max(lacking, key=lambda name: lacking[name])
            lacking[chosen] -= 1
            split_of[group[n]] = chosen
    sick, well = _strata(cohort)
    _spread(sick, well, split_of, counts)
    _spread(well, sick, split_of, counts)
    return _with_splits(cohort, split_of)


def _spread(
    group: Sequence[str], others: Sequence[str], split_of: dict[str, str], splits: Iterable[str]
) -> None:
    """Change places of patients of a group and of others, so that no split of two patients or more lacks the
    group while another has two of it."""
    for bare in splits:
        held, beside = (Counter(split_of[one] for one in each) for each in (group, others))
        most = max(held, key=lambda name: held[name], default=bare)
        if held[bare] or held[most] < 2 or beside[bare] < 2:
            continue
        one = next(patient for patient in group if split_of[patient] == most)
        other = next(patient for patient in others if split_of[patient] == bare)
        split_of[one], split_of[other] = bare, most


def part_of(cohort: Cohort, share: float, seed: int) -> Cohort:
    """The cases of so many of the patients, with DVT and without alike, one of each or more.

    A smaller share of the same cohort and seed is part of a larger one, as learning curves need it; 1 is the
    cohort itself. SettingsError for a share that is not above 0 and up to 1.
    """
    if not 0 < share <= 1:
        raise SettingsError(f"a share lies above 0 and up to 1, got {share}")
    if share == 1:
        return cohort
    random = generator(seed, "part")
    taken: set[str] = set()
    for group in _strata(cohort):
        order = random.permutation(len(group))
        taken |= {group[n] for n in order[: max(1, round(share * len(group)))]}
    return cohort.select(lambda case: case.patient in taken)


def k_fold(cohort: Cohort, folds: int, seed: int) -> Cohort:
    """The cohort with each case's `fold` from 0 to folds - 1, by patient.

    Patients with DVT and those without are dealt separately, so that folds have nearly the same numbers
    of either. CohortError if there are fewer patients than folds.
    """
    patients = cohort.patients
    if folds < 2 or folds > len(patients):
        way = f"use 2 to {len(patients)} folds" if len(patients) > 1 else "at least 2 are needed"
        raise CohortError(f"{len(patients)} patients cannot be divided into {folds} folds; {way}")
    random = generator(seed, "folds", folds)
    dealt: list[str] = []
    for members in _strata(cohort):
        dealt += [members[n] for n in random.permutation(len(members))]
    fold_of = {patient: n % folds for n, patient in enumerate(dealt)}
    return replace(
        cohort, cases=tuple(replace(case, fold=fold_of[case.patient]) for case in cohort)
    )


def matched_split(
    cohort: Cohort,
    statistics: Sequence[CaseStatistics],
    seed: int,
    shares: Shares = DEFAULT_SHARES,
    trials: int = 5000,
) -> tuple[Cohort, BalanceReport]:
    """The most even of `trials` random splits by patient, and how even it is.

    Even means that the largest standardised difference of any study statistic (`balance.COVARIATES`)
    between any two splits is smallest.
    """
    if trials < 1:
        raise SettingsError(f"trials is 1 or larger, got {trials}")
    values = covariates_of(cohort, statistics)
    patients = list(cohort.patients)
    member = np.array([[case.patient == patient for case in cohort] for patient in patients])
    counts = shares.counts(len(patients))
    splits = np.array(_dealt(counts))
    random = generator(seed, "matched split")
    orders = random.permuted(np.tile(np.arange(len(patients)), (trials, 1)), axis=1)
    means = np.stack(
        [_means(orders[:, splits == split], member.astype(np.float64), values) for split in counts],
        axis=1,
    )
    best = int(spread(means, values).max(axis=1).argmin())
    chosen = {patients[n]: str(split) for n, split in zip(orders[best], splits, strict=True)}
    found = _with_splits(cohort, chosen)
    return found, balance(found, statistics)


def _means(
    chosen: NDArray[np.int64], member: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(trials, covariates) means over the cases of the chosen (trials, n) patients."""
    sums, sizes = member @ values, member.sum(axis=1)
    means: NDArray[np.float64] = sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)[:, None]
    return means


def _strata(cohort: Cohort) -> tuple[list[str], list[str]]:
    """Patients with DVT in any study, by the table or else by the mask, and the others."""
    diseased = {case.patient for case in cohort if has_dvt(case, cohort.cache)}
    with_dvt = [patient for patient in cohort.patients if patient in diseased]
    return with_dvt, [patient for patient in cohort.patients if patient not in diseased]


def _dealt(counts: Mapping[str, int]) -> list[str]:
    return [split for split, count in counts.items() for _ in range(count)]


def _with_splits(cohort: Cohort, split_of: Mapping[str, str]) -> Cohort:
    cases = tuple(replace(case, split=split_of[case.patient]) for case in cohort)
    return replace(cohort, cases=cases)
