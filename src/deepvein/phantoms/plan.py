"""The plan of a cohort: everything that its cases follow from, in a few kilobytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from deepvein._version import __version__
from deepvein.core.errors import CohortError, SettingsError
from deepvein.core.files import write_json
from deepvein.core.kept import Terms
from deepvein.core.seeds import derive, generator
from deepvein.core.settings import from_dict, to_dict
from deepvein.phantoms.annotation.annotation import EXACT, Annotation
from deepvein.phantoms.centres import centre_of
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.studies.study import Modality

GENERATOR = 3
"""Which generator this is: the same seed and settings give the same pixels and labels as long as this is the
same (tests/golden tells). Raise it when they change."""

PLAN = "cohort.json"
MAKER = "phantom"

_AS_DIGEST = "6cc04185d0fa0611"
"""How plans of version 0.1 named the third generator."""

_CASE_SEEDS = 2**31


@dataclass(frozen=True)
class CaseOrder:
    """One case to make. person_seed: the person's own seed, None where the study's seed draws it too."""

    case: str
    patient: str
    seed: int
    person_seed: int | None
    dvt: bool
    centre: str


@dataclass(frozen=True)
class CohortPlan:
    """A cohort before its files are made.

    patients: how many the `n` studies belong to, None for one study each; some patients then have two
    studies, with another acquisition, contrast and disease. Case k depends on (seed, modality, k,
    patients) and the settings, not on n. SettingsError for numbers that do not fit.
    """

    modality: Modality
    n: int
    seed: int = 0
    dvt_share: float = 0.5
    patients: int | None = None
    annotation: Annotation = EXACT
    settings: PhantomSettings = field(default_factory=PhantomSettings)

    def __post_init__(self) -> None:
        if self.n < 1:
            raise SettingsError(f"n must be 1 or larger, got {self.n}")
        if not 0 <= self.dvt_share <= 1:
            raise SettingsError(f"dvt_share must lie between 0 and 1, got {self.dvt_share}")
        if self.patients is not None and not self.patients <= self.n <= 2 * self.patients:
            raise SettingsError(
                f"{self.n} studies of {self.patients} patients cannot be: each has one or two, so "
                f"patients lie between {-(-self.n // 2)} and {self.n}"
            )

    @property
    def name(self) -> str:
        """How its cases and patients begin."""
        return f"{self.modality.value.lower()}{self.seed}"

    @cached_property
    def orders(self) -> tuple[CaseOrder, ...]:
        """All cases in the order of the table."""
        diseased = diseased_cases(self.seed, self.modality, self.n, self.dvt_share)
        return tuple(self._order(k, dvt) for k, dvt in enumerate(diseased))

    def order(self, case: str) -> CaseOrder:
        """The order of a case by its name; CohortError if the plan does not hold it."""
        found = self._by_name.get(case)
        if found is None:
            raise CohortError(
                f"the plan of {self.name} holds no case {case!r}, only {self.n} cases"
            )
        return found

    def settings_of(self, order: CaseOrder) -> PhantomSettings:
        return replace(self.settings, centre=order.centre)

    def key(self, order: CaseOrder) -> str:
        """A digest of the generator and of all that the order's files depend on."""
        parts = (self._digest, order.seed, order.person_seed, order.dvt, order.centre)
        text = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
        return f"{MAKER}-{text}"

    def record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "synthetic": True,
            "maker": MAKER,
            "deepvein": __version__,
            "generator": GENERATOR,
            **to_dict(self),
        }

    @cached_property
    def _digest(self) -> str:
        parts = (self.modality.value, self.settings, self.annotation)
        return Terms.of({MAKER: GENERATOR}, *parts).digest

    @cached_property
    def _by_name(self) -> dict[str, CaseOrder]:
        return {order.case: order for order in self.orders}

    @cached_property
    def _second(self) -> tuple[int, ...]:
        """The patients in the order in which they get a second study."""
        rng = generator(self.seed, "cohort", self.modality.value, "second studies")
        return tuple(rng.permutation(self.patients or 0).tolist())

    def _order(self, index: int, dvt: bool) -> CaseOrder:
        case = f"{self.name}-{index:04d}"
        seed = case_seed(self.seed, self.modality, index)
        if self.patients is None:
            return CaseOrder(case, case, seed, None, dvt, centre_of(seed, self.settings.centre))
        number = index if index < self.patients else self._second[index - self.patients]
        person = derive(self.seed, "cohort", self.modality.value, "patient", number) % _CASE_SEEDS
        # A patient goes to one hospital.
        centre = centre_of(person, self.settings.centre)
        return CaseOrder(case, f"{self.name}-p{number:04d}", seed, person, dvt, centre)


def case_seed(seed: int, modality: Modality, index: int) -> int:
    """The phantom seed of case `index` of a cohort."""
    return derive(seed, "cohort", modality.value, index) % _CASE_SEEDS


def diseased_cases(seed: int, modality: Modality, n: int, share: float) -> list[bool]:
    """Who is diseased: after any number of cases the share is right to within one or two cases."""
    rng = generator(seed, "cohort", modality.value, "disease")
    phase = float(rng.random())
    even = n + n % 2
    out = [int((k + 1) * share + phase) > int(k * share + phase) for k in range(even)]
    for k, swap in zip(range(0, even, 2), rng.random(even).tolist(), strict=False):
        if swap < 0.5:
            out[k], out[k + 1] = out[k + 1], out[k]
    return out[:n]


def claim(plan: CohortPlan, folder: Path) -> None:
    """Write the plan into `folder`, or go on with the one there; CohortError if that is another one.

    Only the number of cases and the version of the package may differ.
    """
    path, record = folder / PLAN, plan.record()
    if path.exists():
        found = _read(path)
        _check_generator(found, path)
        differs = [
            key
            for key in record
            if key not in ("n", "deepvein", "generator") and found.get(key) != record[key]
        ]
        if differs:
            raise CohortError(
                f"{folder} already holds another cohort (it differs in {', '.join(differs)}); "
                "choose an empty folder"
            )
        if found.get("n") == plan.n:
            return
    write_json(path, record)


def load_plan(path: Path) -> CohortPlan:
    """The plan in a `cohort.json`; CohortError if it is damaged or made by another generator."""
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise CohortError(f"{path} cannot be read: {error}") from error


@lru_cache(maxsize=64)
def _load(path: Path, _time: int) -> CohortPlan:
    found = _read(path)
    _check_generator(found, path)
    names = {item.name for item in fields(CohortPlan)}
    try:
        return from_dict(CohortPlan, {k: v for k, v in found.items() if k in names})
    except SettingsError as error:
        raise CohortError(f"{path} is no plan of a cohort: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CohortError(f"{path} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise CohortError(f"{path} is no plan of a cohort")
    return found


def _check_generator(found: dict[str, Any], path: Path) -> None:
    made_by = found.get("generator", "unknown")
    if made_by not in (GENERATOR, _AS_DIGEST):
        raise CohortError(
            f"{path} was made by another generator ({made_by}, deepvein "
            f"{found.get('deepvein', 'unknown')}) than this one ({GENERATOR}), which would draw other "
            "legs: make the cohort anew in an empty folder, or use the deepvein that made it"
        )
