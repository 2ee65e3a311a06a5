"""Which models serve: the bundles of a node that took the place of those that come with deepvein.

Service(folder).promote(bundle)
Service(folder).back(Modality.CT)
Service(folder).serving(Modality.CT)

They lie in `models/` of the node's folder, which all its machines share; `models/service.json` names them.
It is read anew for every study, so that a change counts from the next one on, and nothing is restarted.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from deepvein.core.errors import InputError, UsageError
from deepvein.core.files import whole_folder, write_json
from deepvein.core.provenance import sha256
from deepvein.node.audit import Deed, record
from deepvein.node.database.database import Database
from deepvein.screening.bundle import BundleFolder, bundle_for, load_bundle
from deepvein.studies.study import Modality

MODELS, SERVICE = "models", "service.json"
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"


@dataclass(frozen=True)
class Service:
    """The bundles in the node's `folder`."""

    folder: Path

    @property
    def root(self) -> Path:
        """Where they lie."""
        return self.folder / MODELS

    def serving(self, modality: Modality) -> BundleFolder:
        """The bundle that screens the next study of `modality`.

        Raises ModelError where its folder is gone or damaged, InputError for a damaged list.
        """
        promoted = self._read().get(modality.value, [])
        return load_bundle(self.root / promoted[-1]) if promoted else bundle_for(modality)

    def history(self, modality: Modality) -> tuple[BundleFolder, ...]:
        """The bundle that comes with deepvein and all that were promoted since, the serving one last."""
        promoted = self._read().get(modality.value, [])
        return (bundle_for(modality), *(load_bundle(self.root / name) for name in promoted))

    def promote(self, bundle: Path, database: Database) -> BundleFolder:
        """Copy the bundle in a folder into the node and let it serve; the deed goes into the audit log.

        Raises
        ------
        ModelError
            There is no bundle.
        UsageError
            One of its models lacks weights or description, or it serves already.
        OutputError
            The disk is full; what served before still does.
        """
        found = load_bundle(bundle)
        modality, digest = found.bundle.modality, _digest(found)
        name = f"{modality.value.lower()}-{digest[:16]}"
        with self._changing() as promoted:
            before = promoted.get(modality.value, [])
            if before[-1:] == [name]:
                raise UsageError(f"{bundle} serves already: there is nothing to promote")
            if not (self.root / name).is_dir():
                with whole_folder(self.root / name, private=True) as made:
                    shutil.copytree(bundle, made, dirs_exist_ok=True)
            self._write({**promoted, modality.value: [*before, name]}, database, "promote", found)
        return load_bundle(self.root / name)

    def back(self, modality: Modality, database: Database) -> BundleFolder:
        """Let the bundle serve again that served before the present one; it comes back.

        Raises UsageError where the one that comes with deepvein serves.
        """
        with self._changing() as promoted:
            names = promoted.get(modality.value, [])
            if not names:
                raise UsageError(
                    f"the {modality.value} models that come with deepvein serve: there is nothing to go back to"
                )
            left = {**promoted, modality.value: names[:-1]}
            now = load_bundle(self.root / names[-2]) if len(names) > 1 else bundle_for(modality)
            self._write(left, database, "go back", now)
        return now

    @contextmanager
    def _changing(self) -> Iterator[dict[str, list[str]]]:
        """The names of what was promoted, by modality, while nobody else changes them."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self.root / "lock"):
            yield self._read()

    def _write(
        self, promoted: dict[str, list[str]], database: Database, deed: str, now: BundleFolder
    ) -> None:
        """List and audit log change together: if either cannot be written, neither is."""
        before = self._read()
        said = (
            f"{now.bundle.modality.value}: {now.bundle.name} {now.bundle.version}, {_digest(now)}"
        )
        try:
            with database.writing() as session:
                record(session, Deed(f"{deed} models", detail=said))
                write_json(self.root / SERVICE, promoted, private=True)
        except BaseException:
            write_json(self.root / SERVICE, before, private=True)
            raise

    def _read(self) -> dict[str, list[str]]:
        path = self.root / SERVICE
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}") from error
        if not isinstance(plain, dict):
            raise InputError(f"{path} is not a list of models")
        return plain


def _digest(found: BundleFolder) -> str:
    """Of the bundle and all its models; UsageError if a file of one is missing."""
    parts = [sha256(found.folder / "bundle.json")]
    for folder in found.model_folders:
        for name in (DESCRIPTION, WEIGHTS):
            if not (folder / name).is_file():
                raise UsageError(f"{folder} holds no {name}: give a bundle that is whole")
            parts.append(sha256(folder / name))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
