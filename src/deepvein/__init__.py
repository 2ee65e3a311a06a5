"""Screening of the legs for deep vein thrombosis in CT and MR venography. Research use only.

    >>> import deepvein
    >>> result = deepvein.screen("study/")  # doctest: +SKIP
    >>> result.verdict, result.probability, result.findings  # doctest: +SKIP

Importing this package costs nothing: each name below brings in what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from deepvein._version import __version__
from deepvein.core.makers import MAKERS

if TYPE_CHECKING:
    from deepvein.core.errors import DeepveinError
    from deepvein.core.makers import Maker
    from deepvein.findings.finding import Finding
    from deepvein.findings.screening import Screening, Verdict
    from deepvein.reports import write_reports
    from deepvein.screening.batch import screen_many
    from deepvein.screening.record import load_screening
    from deepvein.screening.screen import screen
    from deepvein.studies.inspection import inspect
    from deepvein.studies.reading import read_study
    from deepvein.studies.study import Modality, Study

__all__ = [
    "DeepveinError",
    "Finding",
    "Modality",
    "Screening",
    "Study",
    "Verdict",
    "__version__",
    "inspect",
    "load_screening",
    "read_study",
    "screen",
    "screen_many",
    "write_reports",
]

_HOMES = {
    "DeepveinError": "deepvein.core.errors",
    "Finding": "deepvein.findings.finding",
    "Modality": "deepvein.studies.study",
    "Screening": "deepvein.findings.screening",
    "Study": "deepvein.studies.study",
    "Verdict": "deepvein.findings.screening",
    "inspect": "deepvein.studies.inspection",
    "load_screening": "deepvein.screening.record",
    "read_study": "deepvein.studies.reading",
    "screen": "deepvein.screening.screen",
    "screen_many": "deepvein.screening.batch",
    "write_reports": "deepvein.reports",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'deepvein' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _phantoms() -> Maker:
    from deepvein.phantoms import library

    return library


MAKERS.add("phantom", _phantoms)
