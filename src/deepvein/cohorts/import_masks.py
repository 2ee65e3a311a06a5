"""What the masks of a case show, and one mask out of several files, as of one thrombus or vein a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.naming import names_other, vein_named
from deepvein.anatomy.veins import encode
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.filenames import is_opinion, without_parts
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import InputError, MaskError, NothingToScreenError
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

Role = Literal["thrombi", "segments"]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A mask file as labels on the image's grid."""

    path: Path
    labels: NDArray[np.uint8]
    grid: Grid

    @property
    def marked(self) -> NDArray[np.bool_]:
        return self.labels > 0


def with_masks(
    case: Case,
    masks: Sequence[ImportFile],
    asked: Role | None,
    cohort: Cohort,
    notes: ImportNotes,
) -> Case:
    """The case with its masks; several of one role become one file below the cohort's folder.

    asked: what masks show that do not tell it. `has_dvt` is what the thrombus mask shows. Masks of one role
    that contradict one another are all left out, with the reason.
    """
    roles = _roles(case, masks, asked, notes)
    segments = [mask for mask in masks if "segments" in roles.get(mask, ())]
    thrombi = [mask for mask in masks if "thrombi" in roles.get(mask, ())]
    case = replace(case, segments=_one_file(case, "segments", segments, cohort, notes))
    path = _one_file(case, "thrombi", thrombi, cohort, notes)
    if path is None:
        return case
    alone = replace(case, segments=None, thrombi=path)
    return replace(case, thrombi=path, has_dvt=open_case(alone, cohort.cache).shows_thrombus)


def _roles(
    case: Case, masks: Sequence[ImportFile], asked: Role | None, notes: ImportNotes
) -> dict[ImportFile, tuple[Role, ...]]:
    """What each mask shows: as its name says, else as its regions are called, else as asked for.

    Masks that do not tell are thrombi if they are called alike and no other one of the case shows thrombi.
    """
    told = {mask: _told(mask, notes) for mask in masks}
    silent = [mask for mask in masks if told[mask] == ()]
    guessed = _are_parts([mask.path for mask in silent]) and not any(
        "thrombi" in (roles or ()) for roles in told.values()
    )
    for mask in silent:
        beyond = [word for word in mask.name.own if word.lower() not in case.case.split("_")]
        if asked is None and (not guessed or names_other(" ".join(beyond))):
            notes.leave(
                mask.path,
                "it does not say that it shows thrombi or veins, and may show something else; call it so, or "
                "say --masks",
            )
            continue
        if asked is None:
            notes.guesses.append(
                f"{mask.path.name} does not say what it shows; thrombi, as it seems"
            )
        told[mask] = (asked or "thrombi",)
    return {mask: roles for mask, roles in told.items() if roles}


def _told(mask: ImportFile, notes: ImportNotes) -> tuple[Role, ...] | None:
    """What a mask says that it shows, empty for nothing; None if it cannot be read, as `notes` are told."""
    from deepvein.studies.masks import read_regions

    if mask.name.thrombi and vein_named(mask.path.name.partition(".")[0]) is not None:
        return ("thrombi",)
    if mask.name.thrombi != mask.name.veins:
        return ("thrombi",) if mask.name.thrombi else ("segments",)
    try:
        regions = read_regions(mask.path)
    except MaskError as error:
        notes.leave(mask.path, str(error))
        return None
    veins: tuple[Role, ...] = ("segments",) if any(one.vein is not None for one in regions) else ()
    return ("thrombi", *veins) if any(one.thrombus for one in regions) else veins


def _one_file(
    case: Case, role: Role, masks: Sequence[ImportFile], cohort: Cohort, notes: ImportNotes
) -> Path | None:
    """The one mask of a role, or a new file of several; None if there is none that can be used."""
    found = [one for mask in masks if (one := _drawn(case, role, mask.path, cohort, notes))]
    parts = _named_veins(found, notes) if role == "segments" else _without_copies(found, notes)
    if len(parts) < 2:
        return parts[0].path if parts else None
    if not _are_parts([one.path for one in parts]):
        names = ", ".join(f"{one.path.parent.name}/{one.path.name}" for one in parts[:4])
        for one in parts:
            notes.leave(
                one.path,
                f"case {case.case!r} has several {role} that differ, by name as of several readers or versions "
                f"({names}); keep one",
            )
        return None
    try:
        merged = _numbered(parts) if role == "thrombi" else _joined(parts)
    except MaskError as error:
        for one in parts:
            notes.leave(one.path, f"the {role} of case {case.case!r} contradict: {error}")
        return None
    from deepvein.studies.nifti import write_nifti

    path = cohort.root / "masks" / f"{case.case}_{role}.nii.gz"
    write_nifti(Volume(merged, parts[0].grid), path)
    notes.guesses.append(
        f"{', '.join(one.path.name for one in parts)} are the {role} of case {case.case!r} together, written "
        f"as {path.name}"
    )
    return path


def _are_parts(paths: Sequence[Path]) -> bool:
    """Whether names of masks differ by what tells parts apart alone, and none is of a reader or a version."""
    opinions = len(paths) > 1 and any(map(is_opinion, paths))
    return not opinions and len({(path.parent, without_parts(path)) for path in paths}) <= 1


def _drawn(case: Case, role: Role, path: Path, cohort: Cohort, notes: ImportNotes) -> _Drawn | None:
    """A mask as it is read for the case; None if it cannot be used, as `notes` are told."""
    alone = replace(case, segments=None, thrombi=None, has_dvt=None)
    files = replace(alone, thrombi=path) if role == "thrombi" else replace(alone, segments=path)
    try:
        opened = open_case(files, cohort.cache)
    except (InputError, NothingToScreenError) as error:
        notes.leave(path, str(error))
        return None
    volume = opened.thrombi if role == "thrombi" else opened.segments
    if volume is None:  # open_case gives what it is asked for; this tells the type checker
        return None
    notes.guesses += opened.remarks
    return _Drawn(path, volume.array, volume.grid)


def _without_copies(found: Sequence[_Drawn], notes: ImportNotes) -> list[_Drawn]:
    """The masks without those that mark just what another does, or all of the others together."""
    kept: list[_Drawn] = []
    for one in found:
        same = next((other for other in kept if np.array_equal(other.marked, one.marked)), None)
        if same is None:
            kept.append(one)
        else:
            notes.leave(one.path, f"it marks just what {same.path.name} does")
    for one in kept if len(kept) > 2 else ():
        rest = [other for other in kept if other is not one]
        if np.array_equal(one.marked, np.any([other.marked for other in rest], axis=0)):
            names = ", ".join(other.path.name for other in rest)
            notes.leave(one.path, f"it marks just what {names} mark together")
            return rest
    return kept


def _named_veins(found: Sequence[_Drawn], notes: ImportNotes) -> list[_Drawn]:
    """Masks of one vein a file, of which all mark with 1, with the numbers of the veins in their names."""
    if len(found) < 2:
        return list(found)
    known = {one.path: vein_named(one.path.name.partition(".")[0]) for one in found}
    single = [one for one in found if one.labels.max(initial=0) <= 1]
    if not any(known[one.path] for one in single):
        return list(found)
    parts = [one for one in found if one not in single]
    for one in single:
        vein = known[one.path]
        if vein is None:
            notes.leave(one.path, "its name is no vein that is known, as those beside it are")
            continue
        notes.guesses.append(f"{one.path.name} marks the vein that its name says")
        parts.append(replace(one, labels=(one.labels * encode(*vein)).astype(np.uint8)))
    return parts


def _joined(parts: Sequence[_Drawn]) -> NDArray[np.uint8]:
    """One map of parts that keep their numbers; MaskError where two differ on a voxel."""
    out = np.array(parts[0].labels)
    for n, one in enumerate(parts[1:], start=1):
        differing = one.marked & (out > 0) & (out != one.labels)
        if differing.any():
            _refuse(parts[:n], one)
        np.copyto(out, one.labels, where=one.marked)
    return out


def _numbered(parts: Sequence[_Drawn]) -> NDArray[np.uint8]:
    """One map in which every label of every part has a number of its own; MaskError where two overlap."""
    out = np.zeros(parts[0].labels.shape, dtype=np.uint8)
    count = 0
    for n, one in enumerate(parts):
        if (one.marked & (out > 0)).any():
            _refuse(parts[:n], one)
        for label in np.unique(one.labels[one.marked]):
            count += 1
            if count > np.iinfo(np.uint8).max:
                raise MaskError("they hold more than 255 thrombi")
            out[one.labels == label] = count
    return out


def _refuse(before: Sequence[_Drawn], one: _Drawn) -> None:
    shared = {other.path.name: int((other.marked & one.marked).sum()) for other in before}
    name = max(shared, key=lambda other: shared[other])
    raise MaskError(
        f"{name} and {one.path.name} overlap in {shared[name]} voxels; keep the one that is right, or one file "
        "for each"
    )
