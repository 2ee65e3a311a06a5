"""Files of a cohort that are made when somebody asks for them.

A cohort's folder may hold a plan, `cohort.json`, that names who makes the files (`core.makers`). The table
lists `CASE/image.nii` and its masks as if they lay there. Where they do they are used; where they do not
they are made in the user's cache, from which the ones used longest ago are removed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.foldercache import FolderCache, user_cache
from deepvein.core.errors import CohortError, StudyError
from deepvein.core.makers import MAKERS, Maker
from deepvein.studies.location import StudyLocation

PLAN = "cohort.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Promise:
    """A file that a plan promises: `name` in the folder of `case`."""

    plan: Path
    maker: str
    case: str
    name: str

    @property
    def key(self) -> str:
        """A digest of all that the case's files depend on; it stays the same when they are made again."""
        return self._maker.key(self.plan, self.case)

    def made(self, cache: FolderCache) -> Path:
        """The file, made in `cache` with all others of the case if it is not there."""

        def make(folder: Path) -> None:
            _log.info("making case %s of %s", self.case, self.plan.parent)
            self._maker.make(self.plan, self.case, folder)

        return cache.folder(self.key, make) / self.name

    @property
    def _maker(self) -> Maker:
        return MAKERS.get(self.maker)()


def promise_of(path: Path) -> Promise | None:
    """What stands in for a file that does not exist, or None if nothing promises it."""
    if len(path.parents) < 2 or path.exists():
        return None
    plan = path.parents[1] / PLAN
    try:
        maker = _maker_of(plan, plan.stat().st_mtime_ns)
    except OSError:
        return None
    return None if maker is None else Promise(plan, maker, path.parent.name, path.name)


def is_available(path: Path) -> bool:
    """Whether a file, or a study `PATH#UID`, is there or can be made."""
    try:
        StudyLocation.parse(path)
    except StudyError:
        return promise_of(path) is not None
    return True


def is_promised(case: Case) -> bool:
    """Whether any file of a case is one that is only promised."""
    paths = (case.image, case.segments, case.thrombi)
    return any(path is not None and promise_of(path) is not None for path in paths)


def is_synthetic(cases: Iterable[Case]) -> bool:
    """Whether all cases lie below a plan, by which their files were made or will be."""
    return all(len(p := case.image.parents) > 1 and (p[1] / PLAN).is_file() for case in cases)


def present(case: Case, cache: FolderCache | None = None) -> Case:
    """The case with files that exist: its own, or those made in `cache` (by default the user's).

    CohortError if the plan cannot be followed, for instance because another generator made the plan.
    """
    paths = {name: getattr(case, name) for name in ("image", "segments", "thrombi")}
    promises = {name: promise_of(path) for name, path in paths.items() if path is not None}
    if not any(promises.values()):
        return case
    cache = cache or user_cache()
    for name, promise in promises.items():
        if promise is not None:
            paths[name] = promise.made(cache)
    return replace(case, image=paths["image"], segments=paths["segments"], thrombi=paths["thrombi"])


@lru_cache(maxsize=64)
def _maker_of(plan: Path, _time: int) -> str | None:
    try:
        found = json.loads(plan.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CohortError(f"{plan} is damaged: {error}") from error
    maker = found.get("maker") if isinstance(found, dict) else None
    return maker if isinstance(maker, str) else None
