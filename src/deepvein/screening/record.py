"""A screening that was saved: its reports findings.json and the masks, read back beside its study.

    write(screening, folder, RECORD)
    again = load_screening(folder)

Masks are kept, not probabilities: in the prediction that comes back a vein or a thrombus has the
probability 1, and everything else 0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.core.errors import InputError, StudyError, UsageError
from deepvein.core.progress import Progress, silent
from deepvein.core.settings import from_dict
from deepvein.findings.finding import Finding, Occlusion
from deepvein.findings.screening import OperatingPoint, Screening, Verdict
from deepvein.findings.shares import SegmentShare
from deepvein.inference.prediction import SCALE, Prediction, Profile
from deepvein.reports.findings_json import FINDINGS
from deepvein.reports.manifest import MANIFEST, Manifest, inputs, read_manifest
from deepvein.reports.nifti import TERRITORIES, THROMBI, VEINS
from deepvein.reports.writer import ReportContext
from deepvein.reports.writing import is_whole
from deepvein.studies.nifti import read_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality, Remark, Study
from deepvein.veins.tree import vein_tree
from deepvein.volumes.volume import Volume

RECORD = ("nifti", "json")
"""The reports from which a screening can be loaded again."""


def load_screening(
    folder: Path | str, *, study: Path | str | None = None, progress: Progress = silent
) -> Screening:
    """The screening whose results lie in `folder`, with its study read again from where it lay.

    Parameters
    ----------
    folder
        A result folder with manifest.json, findings.json and the NIfTI masks.
    study
        Where the study lies now, if it was moved.
    progress
        Told how far reading has come.

    Returns
    -------
    Screening
        As `screen` gave it; the tree is found again from the prediction.

    Raises
    ------
    UsageError
        The folder lacks what a screening is loaded from, or is being written to.
    StudyError
        The study is not there, cannot be read, or its files are not those that were screened.
    """
    folder = Path(folder)
    manifest = _manifest(folder)
    document = _document(folder / FINDINGS)
    source = Path(manifest.inputs.location if study is None else study)
    found = read_study(source, Modality(manifest.answer.modality), progress=progress)
    if inputs(found).sha256 != manifest.inputs.sha256:
        raise StudyError(
            f"{source} does not hold the files that {folder} was made from: give the study as it was, or "
            "screen it again"
        )
    prediction = _prediction(folder, document, manifest, found)
    findings = _findings(folder, document, found)
    if _manifest(folder) != manifest:  # files are replaced one by one, the manifest last
        raise UsageError(f"{folder} was written to while it was read: try again")
    return Screening(
        study=found,
        prediction=prediction,
        tree=None if prediction is None else vein_tree(prediction, found),
        verdict=Verdict[document["verdict"].upper()],
        probability=document["probability"],
        operating_point=from_dict(OperatingPoint, document["operating_point"]),
        findings=findings,
        remarks=tuple(from_dict(Remark, remark) for remark in document["remarks"]),
        provenance=manifest.provenance,
        seconds=manifest.times.screening_seconds,
    )


def context_of(folder: Path) -> ReportContext:
    """What later reports of a saved screening may say beyond it: settings and state of the study's files
    then, and the bundled models."""
    from deepvein.screening.bundle import bundled

    manifest = _manifest(folder)
    return ReportContext(
        model_folders=tuple(models.folder for models in bundled()),
        settings=manifest.settings,
        listing=manifest.inputs.listing,
    )


def _manifest(folder: Path) -> Manifest:
    manifest = read_manifest(folder / MANIFEST)
    if manifest is None:
        raise UsageError(f"{folder} holds no {MANIFEST} of deepvein: give a folder of results")
    if not is_whole(folder):
        raise UsageError(
            f"{folder} is being written to, or a run was ended while it wrote there: wait for it, or screen "
            "the study again"
        )
    lacking = [name for name in RECORD if name not in manifest.reports]
    if lacking:
        raise UsageError(
            f"{folder} lacks the reports {', '.join(lacking)}, from which a screening is loaded: screen "
            f"the study again with --write {','.join(RECORD)}"
        )
    return manifest


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path} is not a findings file")
    return document


def _prediction(
    folder: Path, document: dict[str, Any], manifest: Manifest, study: Study
) -> Prediction | None:
    """What the models said, as far as it is kept; None where no model was asked."""
    if not (folder / TERRITORIES).is_file():
        return None
    profile = document["profile"]
    return Prediction(
        grid=study.volume.grid,
        vein_probability=(_mask(folder / VEINS, study) > 0).astype(np.uint8) * SCALE,
        thrombus_probability=(_mask(folder / THROMBI, study) > 0).astype(np.uint8) * SCALE,
        territories=_bytes(read_nifti(folder / TERRITORIES)),
        profile=Profile(
            np.array(profile["positions_mm"], np.float64),
            np.array(profile["probability"], np.float32),
        ),
        models=manifest.models,
        device=manifest.device,
        engines=manifest.engines,
        seconds=manifest.times.inference_seconds,
    )


def _findings(folder: Path, document: dict[str, Any], study: Study) -> tuple[Finding, ...]:
    if not document["findings"]:
        return ()
    labels = _mask(folder / THROMBI, study)
    return tuple(_finding(entry, labels) for entry in document["findings"])


def _finding(entry: dict[str, Any], labels: NDArray[np.uint8]) -> Finding:
    measured = (
        "start_mm", "end_mm", "extent_mm", "volume_ml", "diameter_mm", "occluded_fraction",
        "probability",
    )  # fmt: skip
    x, y, z = entry["key_point_mm"]
    intensity = entry["mean_intensity"]
    return Finding(
        number=entry["number"],
        side=Side(entry["side"]),
        segments=tuple(
            SegmentShare(_SEGMENTS[share["name"]], share["volume_ml"], share["extent_mm"])
            for share in entry["segments"]
        ),
        level=Level(entry["level"]),
        occlusion=Occlusion(entry["occlusion"]),
        key_slice=entry["key_slice"],
        key_point_mm=(x, y, z),
        indices=np.argwhere(labels == entry["number"]),
        mean_intensity=float("nan") if intensity is None else intensity,
        tracking_uid=entry["tracking_uid"],
        **{name: entry[name] for name in measured},
    )


def _mask(path: Path, study: Study) -> NDArray[np.uint8]:
    """A mask as (slice, row, column) of the study; InputError if it lies on another grid."""
    mask = read_nifti(path)
    if not mask.grid.matches(study.volume.grid, tolerance_mm=0.05):
        raise InputError(f"{path} does not lie on the study's grid: it was changed, screen again")
    return np.asarray(mask.array, dtype=np.uint8)


def _bytes(volume: Volume) -> Volume:
    return Volume(np.asarray(volume.array, dtype=np.uint8), volume.grid)


_SEGMENTS = {segment.term.name: segment for segment in VeinSegment}
