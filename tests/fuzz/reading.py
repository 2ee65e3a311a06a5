"""One damaged input, read as a user would have it read."""

from __future__ import annotations

import random
import tempfile
import traceback
from pathlib import Path
from unittest import mock

import numpy as np

from deepvein.core.errors import DeepveinError
from fuzz.mutation import mutate
from fuzz.seeds import GRID, SEEDS, Seed


def read_one(kind: str, seed: int, number: int, keep: str = "") -> str:
    """Read input `number` of a kind; what went wrong as text, empty if it was read or refused rightly.

    keep: a folder to write the damaged files into, empty for a temporary one.
    """
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(keep or passing) / f"{kind}-{number}"
        folder.mkdir(parents=True)
        one = SEEDS[kind]
        # UIDs are drawn too, so that the same number gives the same bytes.
        with mock.patch("secrets.randbelow", random.Random(f"{seed} {number}").randrange):  # noqa: S311  (the same damage each time is what is wanted)
            one.make(folder)
        rng = np.random.default_rng([seed, number])
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for _ in range(int(rng.integers(1, 3))):
            path = files[int(rng.integers(len(files)))]
            path.write_bytes(mutate(path.read_bytes(), rng))
        try:
            _read(one, folder, files[0])
        except DeepveinError as error:
            return "" if str(error).strip() else "an error without a message"
        except Exception:  # noqa: BLE001  (whatever comes is the finding)
            return traceback.format_exc()
        return ""


def _read(one: Seed, folder: Path, first: Path) -> None:
    from deepvein.studies.discovery import find_studies
    from deepvein.studies.inspection import inspect
    from deepvein.studies.masks import read_labels, read_regions, read_thrombi
    from deepvein.studies.study import Modality

    if one.mask:
        for read in (lambda: read_regions(first), lambda: read_thrombi(first, GRID)):
            try:
                read()
            except DeepveinError:
                continue
        read_labels(first, GRID)
        return
    location = folder if one.whole else first
    modality = Modality(one.modality) if one.modality else None
    for study in find_studies(folder):
        inspect(study, modality)
    inspect(location, modality)
