"""Whether a study needs no screening because an earlier run has done just that."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deepvein.core.provenance import sha256
from deepvein.core.settings import to_dict
from deepvein.reports.manifest import Manifest
from deepvein.screening.bundle import BundleFolder, bundle_for
from deepvein.studies.study import Modality

WEIGHTS = "model.safetensors"
_BESIDE = (".nhdr", "")
"""Suffixes of files that name others beside them: detached NRRD headers, and DICOMDIR."""


@dataclass(frozen=True)
class Wanted:
    """What a run is to give for each study; None for the modality that the files say, or for the bundled
    models of that modality."""

    reports: tuple[str, ...]
    modality: Modality | None = None
    models: BundleFolder | None = None

    def is_met_by(self, manifest: Manifest) -> bool:
        """Whether these results have the wanted reports, by the same models with the same settings."""
        modality = Modality(manifest.answer.modality)
        models = self.models or bundle_for(modality)
        return (
            self.modality in (None, modality)
            and set(self.reports) <= set(manifest.reports)
            and manifest.settings == to_dict(models.bundle)
            and {model.sha256 for model in manifest.models} <= _weights(models.folder)
        )


def listing(path: Path) -> str:
    """The state of a file or of all files in a folder: a hash over their names, sizes and times of change.

    It tells in a moment that nothing has changed; files that were copied or touched have another one
    although they hold the same. Empty if that cannot be told: nothing is there, or links lead elsewhere.
    """
    whole = path.parent if path.is_file() and path.suffix.lower() in _BESIDE else path
    if not whole.exists():
        return ""
    entries = sorted(whole.rglob("*")) if whole.is_dir() else [whole]
    state = hashlib.sha256()
    for entry in entries:
        if entry.is_dir():
            if entry.is_symlink():
                return ""
            continue
        try:
            told = entry.stat()
        except OSError:  # gone, or a link to nothing
            continue
        name = os.fsencode(entry.relative_to(whole))
        state.update(b"%s %d %d\n" % (name, told.st_size, told.st_mtime_ns))
    return state.hexdigest()


@cache
def _weights(folder: Path) -> frozenset[str]:
    """Hashes of all weights of a bundle."""
    return frozenset(sha256(path) for path in folder.glob(f"*/{WEIGHTS}"))
