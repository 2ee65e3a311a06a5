"""Arrays derived from a case's files, kept beside the cohort until the files change."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.cohorts.fingerprint import fingerprint
from deepvein.core.errors import OutputError
from deepvein.core.files import whole_file
from deepvein.core.kept import Terms


def derived_path(case: Case, cache: Path, what: str, generation: int, **settings: Any) -> Path:
    """Where in `cache` something derived from a case's files lies.

    The name changes with the files, with the generation of the code that derives it, and with settings.
    """
    files = [fingerprint(path) for path in (case.image, case.segments, case.thrombi)]
    terms = Terms.of({what: generation}, files=files, **settings)
    return cache / what / f"{case.case}-{terms.digest}.npz".replace("/", "_")


def load(path: Path, names: Sequence[str]) -> list[NDArray[Any]] | None:
    """The arrays called `names` of a .npz file, or None where it is missing or damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return [stored[name] for name in names]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def store(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as .npz, whole or not at all; a folder that cannot be written is done without."""
    with contextlib.suppress(OutputError), whole_file(path) as made:
        np.savez(made, **dict(arrays))  # type: ignore[arg-type]
