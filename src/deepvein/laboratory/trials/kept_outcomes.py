"""Outcomes on disk, so that an interrupted trial goes on where it stopped: JSON with arrays beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

import numpy as np

from deepvein._version import __version__
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.fingerprint import fingerprint
from deepvein.cohorts.table import row_of_case
from deepvein.core import settings
from deepvein.core.files import whole_file, write_text
from deepvein.core.provenance import sha256
from deepvein.laboratory.trials.outcome import Outcome
from deepvein.screening.bundle import BundleFolder

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

_LAYOUT = 1
"""Changes when outcomes are measured anew in another way."""


def outcome_key(models: BundleFolder, case: Case, cohort: Cohort) -> str:
    """A file name that changes with whatever an outcome depends on: weights, calibration, detection, the
    case's row and its files."""
    bundle = settings.to_dict(models.bundle)
    depends = {
        "layout": _LAYOUT,
        "deepvein": __version__,
        "models": [sha256(f / "model.safetensors") for f in (models.localiser, models.segmenter)],
        "bundle": [bundle[name] for name in ("calibration", "operating_point", "detection")],
        "case": row_of_case(case, cohort.root),
        "files": [fingerprint(path) for path in (case.image, case.segments, case.thrombi)],
    }
    text = json.dumps(depends, sort_keys=True, default=str)
    return f"{case.case}-{hashlib.sha256(text.encode()).hexdigest()[:16]}".replace("/", "_")


def keep_outcome(outcome: Outcome, folder: Path, key: str) -> None:
    """Write `key`.npz and `key`.json into `folder`; the JSON comes last, whole or not at all."""
    arrays: dict[str, Any] = {}
    plain = _converter(arrays).unstructure(outcome, Outcome)
    with whole_file(folder / f"{key}.npz") as made:
        np.savez_compressed(made, **arrays)
    write_text(folder / f"{key}.json", json.dumps(plain))


def kept_outcome(folder: Path, key: str) -> Outcome | None:
    """The outcome that was kept under `key`; None if there is none or it is damaged."""
    import zipfile

    from cattrs.errors import BaseValidationError

    try:
        plain = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{key}.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        outcome: Outcome = _converter(arrays).structure(plain, Outcome)
        return outcome
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, BaseValidationError):
        return None


def _converter(arrays: dict[str, Any]) -> JsonConverter:
    """To and from plain values, with each array under a number of its own in `arrays`."""
    from cattrs.preconf.json import make_converter

    converter = make_converter(forbid_extra_keys=True)

    def put(array: Any) -> str:
        name = str(len(arrays))
        arrays[name] = array
        return name

    converter.register_unstructure_hook_func(_is_array, put)
    converter.register_structure_hook_func(_is_array, lambda name, _: arrays[name])
    converter.register_unstructure_hook(Path, str)
    converter.register_structure_hook(Path, lambda value, _: Path(value))
    return converter


def _is_array(kind: Any) -> bool:
    return kind is np.ndarray or get_origin(kind) is np.ndarray
