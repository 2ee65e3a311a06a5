"""Cohorts of phantoms on disk: a table, the settings, and a folder for each case."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from deepvein._version import __version__
from deepvein.core.errors import CohortError, SettingsError
from deepvein.core.progress import Progress
from deepvein.core.seeds import derive, generator
from deepvein.core.settings import to_dict
from deepvein.phantoms.phantom import DEFAULT, PhantomSettings, render, sample
from deepvein.phantoms.writing import write_dicom, write_nifti
from deepvein.studies.study import Modality

Write = Literal["nifti", "dicom"]

COLUMNS = (
    "case",
    "patient",
    "modality",
    "image",
    "segments",
    "thrombi",
    "has_dvt",
    "centre",
    "fold",
    "split",
)
"""The fields of `cohorts.case.Case`."""

_CASE_SEEDS = 2**31


@dataclass(frozen=True)
class _Order:
    """One case to make; everything that a worker process needs."""

    name: str
    seed: int
    modality: Modality
    dvt: bool
    folder: Path
    write: Write
    truth: tuple[str, ...]
    settings: PhantomSettings = field(default_factory=PhantomSettings)


def write_cohort(
    modality: Modality,
    n: int,
    folder: Path,
    seed: int = 0,
    *,
    dvt_share: float = 0.5,
    settings: PhantomSettings = DEFAULT,
    workers: int = 1,
    write: Write = "nifti",
    truth: tuple[str, ...] = ("segments", "thrombi"),
    progress: Progress | None = None,
) -> Path:
    """Make `n` cases with `dvt_share` of them diseased; returns the path of cohort.csv.

    A case is made in a temporary folder and renamed when it is whole, so an interrupted call goes on
    where it stopped; a folder that holds another cohort is refused with CohortError. Case k depends on
    (seed, modality, k) and the settings alone. truth: which label volumes to write beside the image.
    With `write="dicom"` every case also holds its study as DICOM, in the folder `dicom`.
    `progress` hears ("phantoms", done, n).
    """
    if n < 1 or workers < 1:
        raise SettingsError(f"n and workers must be 1 or larger, got {n} and {workers}")
    if not 0 <= dvt_share <= 1:
        raise SettingsError(f"dvt_share must lie between 0 and 1, got {dvt_share}")
    if not {"segments", "thrombi"} <= set(truth):
        raise SettingsError(f"truth must hold segments and thrombi, got {truth}")
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, modality, seed, dvt_share, settings, write)
    orders = [
        _Order(
            name=f"{modality.value.lower()}{seed}-{k:04d}",
            seed=case_seed(seed, modality, k),
            modality=modality,
            dvt=diseased,
            folder=folder,
            write=write,
            truth=truth,
            settings=settings,
        )
        for k, diseased in enumerate(_diseased(seed, modality, n, dvt_share))
    ]
    missing = [order for order in orders if not (folder / order.name / "planted.json").exists()]
    done = n - len(missing)
    for _ in _run(missing, workers):
        done += 1
        if progress is not None:
            progress("phantoms", done, n)
    return _write_table(orders, folder)


def case_seed(seed: int, modality: Modality, index: int) -> int:
    """The phantom seed of case `index` of a cohort."""
    return derive(seed, "cohort", modality.value, index) % _CASE_SEEDS


def _diseased(seed: int, modality: Modality, n: int, share: float) -> list[bool]:
    """Who is diseased: after any number of cases the share is right to within one or two cases."""
    rng = generator(seed, "cohort", modality.value, "disease")
    phase = float(rng.random())
    out = [int((k + 1) * share + phase) > int(k * share + phase) for k in range(n)]
    for k, swap in zip(range(0, n - 1, 2), rng.random(n).tolist(), strict=False):
        if swap < 0.5:
            out[k], out[k + 1] = out[k + 1], out[k]
    return out


def _claim(
    folder: Path,
    modality: Modality,
    seed: int,
    share: float,
    settings: PhantomSettings,
    write: Write,
) -> None:
    record: dict[str, Any] = {
        "synthetic": True,
        "deepvein": __version__,
        "modality": modality.value,
        "seed": seed,
        "dvt_share": share,
        "write": write,
        "settings": to_dict(settings),
    }
    path = folder / "cohort.json"
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        differs = [key for key in record if found.get(key) != record[key]]
        if differs:
            raise CohortError(
                f"{folder} already holds another cohort (it differs in {', '.join(differs)}); "
                "choose an empty folder"
            )
        return
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _run(orders: list[_Order], workers: int) -> Any:
    if workers == 1 or len(orders) < 2:
        for order in orders:
            yield _make(order)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for future in as_completed([pool.submit(_make, order) for order in orders]):
            yield future.result()


def _make(order: _Order) -> str:
    phantom = render(sample(order.seed, order.modality, order.dvt, order.settings))
    partial = order.folder / f".{order.name}.{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        write_nifti(phantom, partial, order.truth)
        if order.write == "dicom":
            write_dicom(phantom, partial / "dicom")
        partial.rename(order.folder / order.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return order.name


def _write_table(orders: list[_Order], folder: Path) -> Path:
    path = folder / "cohort.csv"
    partial = folder / ".cohort.csv"
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for order in orders:
            planted = json.loads((folder / order.name / "planted.json").read_text(encoding="utf-8"))
            writer.writerow(
                {
                    "case": order.name,
                    "patient": order.name,
                    "modality": order.modality.value,
                    "image": f"{order.name}/image.nii",
                    "segments": f"{order.name}/segments.nii",
                    "thrombi": f"{order.name}/thrombi.nii",
                    "has_dvt": str(bool(planted["thrombi"])).lower(),
                    "centre": "",
                    "fold": "",
                    "split": "",
                }
            )
    partial.replace(path)
    return path
