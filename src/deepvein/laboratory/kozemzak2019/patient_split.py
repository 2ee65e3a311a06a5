"""Training, validation and test patients: at random as in the paper, and matched as its authors wish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from deepvein.cohorts.balance import BalanceReport, balance
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.division import require_splits
from deepvein.cohorts.splits import Shares, matched_split, random_split
from deepvein.cohorts.statistics import CaseStatistics, cohort_statistics
from deepvein.core import settings as stored
from deepvein.core.progress import Progress
from deepvein.laboratory.kozemzak2019 import step_actions

SHARES = Shares(0.6, 0.2, 0.2)
"""Section 3: 60 %, 20 %, 20 % of the patients."""
REPORT, STATISTICS = "balance.json", "statistics.json"


@dataclass(frozen=True)
class Balance:
    """How balanced the two splits are. given: the cohort's own split stands for the random one."""

    random: BalanceReport
    matched: BalanceReport
    given: bool


@dataclass(frozen=True)
class Measured:
    """The statistics of all studies."""

    studies: tuple[CaseStatistics, ...]


@dataclass(frozen=True)
class Divide:
    """random.csv, matched.csv, and how balanced each is; split-1.csv and on for the other random splits.

    A cohort that brings its own split keeps it as random.csv.
    """

    study: step_actions.Study

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        cohort = Cohort.load(self.study.out / step_actions.COHORT)
        statistics = cohort_statistics(cohort, progress)
        seed = self.study.profile.seed
        given = require_splits(cohort)
        drawn = cohort if given else random_split(cohort, seed, SHARES)
        bare = replace(cohort, cases=tuple(replace(case, split="") for case in cohort))
        even, report = matched_split(bare, statistics, seed, SHARES)
        drawn.save(folder / "random.csv")
        even.save(folder / "matched.csv")
        for number in range(1, self.study.profile.splits):
            random_split(bare, seed + number, SHARES).save(folder / f"split-{number}.csv")
        stored.save(Balance(balance(drawn, statistics), report, given), folder / REPORT)
        stored.save(Measured(statistics), folder / STATISTICS)
        return True
