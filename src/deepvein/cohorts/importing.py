"""Cohorts from folders of images and masks that carry no table yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_volume
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality


def from_folders(
    root: Path,
    modality: Modality,
    *,
    image: str = "*/image.nii.gz",
    segments: str | None = "*/segments.nii.gz",
    thrombi: str | None = "*/thrombi.nii.gz",
    patient: Callable[[str], str] = str,
) -> Cohort:
    """A cohort of all files below `root` that match the pattern `image`.

    Each pattern holds one `*`, which stands for the name of the case: `*/image.nii.gz` finds
    `a7/image.nii.gz`, names the case `a7` and looks for `a7/thrombi.nii.gz`. A mask that is not there is
    not known; `has_dvt` is whether the thrombus mask holds any voxel, or not known without one.
    patient: the patient of a case name, by default a patient for each case.
    Cases come in the order of their names. CohortError if nothing matches or a pattern has not one `*`.
    """
    root = Path(root).resolve()
    cohort = Cohort(root, ())
    cases = []
    for name, path in _matches(root, image).items():
        masks = {
            kind: _partner(root, pattern, name)
            for kind, pattern in (("segments", segments), ("thrombi", thrombi))
        }
        drawn = masks["thrombi"]
        cases.append(
            Case(
                case=name,
                patient=patient(name),
                modality=modality,
                image=path,
                segments=masks["segments"],
                thrombi=drawn,
                has_dvt=None if drawn is None else _any(drawn, cohort.cache),
            )
        )
    if not cases:
        raise CohortError(f"no file below {root} matches {image!r}")
    return Cohort(root, tuple(cases))


def from_nnunet(
    root: Path, modality: Modality, labels: Literal["thrombi", "segments"] = "thrombi"
) -> Cohort:
    """A cohort from a folder in nnU-Net's layout: `imagesTr/NAME_0000.nii.gz`, `labelsTr/NAME.nii.gz`.

    labels: what the label files hold.
    """
    masks = "labelsTr/*.nii.gz"
    return from_folders(
        root,
        modality,
        image="imagesTr/*_0000.nii.gz",
        segments=masks if labels == "segments" else None,
        thrombi=masks if labels == "thrombi" else None,
    )


def _matches(root: Path, pattern: str) -> dict[str, Path]:
    before, after = _halves(pattern)
    found = {}
    for path in sorted(root.glob(pattern)):
        name = path.relative_to(root).as_posix()[len(before) :]
        found[name[: len(name) - len(after)]] = path
    return found


def _partner(root: Path, pattern: str | None, name: str) -> Path | None:
    if pattern is None:
        return None
    before, after = _halves(pattern)
    path = root / f"{before}{name}{after}"
    return path if path.is_file() else None


def _halves(pattern: str) -> tuple[str, str]:
    before, star, after = pattern.partition("*")
    if not star or "*" in after or any(sign in pattern for sign in "?[]"):
        raise CohortError(f"a pattern holds one * for the name of the case, got {pattern!r}")
    return before, after


def _any(path: Path, cache: Path) -> bool:
    return any(bool((plane != 0).any()) for plane in open_volume(path, cache).array)
