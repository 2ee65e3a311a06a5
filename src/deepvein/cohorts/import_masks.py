"""What the masks of a case show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Literal

import numpy as np

from deepvein.anatomy.naming import names_other, names_vein, side_named, vein_named
from deepvein.anatomy.thrombus_kinds import ThrombusKind
from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.filenames import LABELLED, is_opinion, read_name, without_parts
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.joined_masks import DrawnMask, joined_thrombi, joined_veins
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import InputError, MaskError, NothingToScreenError
from deepvein.core.files import write_text
from deepvein.volumes.volume import Volume

Role = Literal["thrombi", "segments"]


def with_masks(
    case: Case,
    masks: Sequence[ImportFile],
    asked: Role | None,
    cohort: Cohort,
    notes: ImportNotes,
) -> Case:
    """The case with its masks; several of one role become one file below the cohort's folder.

    asked: what masks show that do not tell it. `has_dvt` is what the thrombus mask shows, or what the case
    has already where that differs, as is told. Masks of one role that contradict one another are all left
    out, with the reason.
    """
    roles = _roles(case, masks, asked, cohort, notes)
    segments = [mask for mask in masks if "segments" in roles.get(mask, ())]
    thrombi = [mask for mask in masks if "thrombi" in roles.get(mask, ())]
    case = replace(case, segments=_one_file(case, "segments", segments, cohort, notes))
    path = _one_file(case, "thrombi", thrombi, cohort, notes)
    if path is None:
        return case
    alone = replace(case, segments=None, thrombi=path)
    shown = open_case(alone, cohort.cache).shows_thrombus
    if case.has_dvt is not None and case.has_dvt is not shown:
        notes.guesses.append(
            f"case {case.case!r} lies among those {'with' if case.has_dvt else 'without'} DVT, and {path} "
            f"marks {'a thrombus' if shown else 'nothing'}: `cohort check` refuses it until one is mended"
        )
        return replace(case, thrombi=path)
    if not shown and case.has_dvt is None:
        notes.guesses.append(f"{path.name} marks nothing, so case {case.case!r} is free of DVT")
    return replace(case, thrombi=path, has_dvt=shown)


def _roles(
    case: Case,
    masks: Sequence[ImportFile],
    asked: Role | None,
    cohort: Cohort,
    notes: ImportNotes,
) -> dict[ImportFile, tuple[Role, ...]]:
    """What each mask shows: as its name says, else as its regions are called, else as asked for.

    Masks that do not tell are thrombi if they are called alike, no other one of the case shows thrombi, and
    each marks with one number: several without names may as well be of veins or organs.
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
        numbers = () if asked is not None else _numbers(case, mask, cohort)
        if len(numbers) > 1:
            told_of = ", ".join(map(str, numbers[:5])) + (" and more" if len(numbers) > 5 else "")
            notes.leave(
                mask.path,
                f"it marks with {told_of} and does not say what they are; say --masks thrombi if each is the "
                "number of a thrombus, --masks segments if they are those of veins, or name them in the file "
                "or in nnU-Net's dataset.json",
            )
            continue
        if asked is None:
            notes.guesses.append(
                f"{mask.path.name} does not say what it shows; thrombi, as it seems"
            )
        told[mask] = (asked or "thrombi",)
    return {mask: roles for mask, roles in told.items() if roles}


def _numbers(case: Case, mask: ImportFile, cohort: Cohort) -> tuple[int, ...]:
    """The labels of a mask; none if it cannot be read, which is told where it is used."""
    alone = replace(case, segments=None, thrombi=mask.path, has_dvt=None)
    try:
        return open_case(alone, cohort.cache).thrombus_labels or ()
    except (InputError, NothingToScreenError):
        return ()


def _told(mask: ImportFile, notes: ImportNotes) -> tuple[Role, ...] | None:
    """What a mask says that it shows, by its name, its regions or else its folders, empty for nothing; None if
    it cannot be used, as `notes` are told."""
    from deepvein.studies.masks import read_regions

    by_name = _named(mask.path.name)
    # In nnU-Net's folders a mask is called as its image is.
    if by_name and mask.path.parent.name.lower() not in LABELLED:
        return by_name
    try:
        regions = read_regions(mask.path)
    except MaskError as error:
        notes.leave(mask.path, str(error))
        return None
    if not regions and mask.path.name.lower().endswith(".seg.nrrd"):
        notes.leave(mask.path, "it holds no segment: nothing was drawn, or it was not saved")
        return None
    others = [one for one in regions if one.marks and not one.thrombus]
    named = any(one.vein is not None for one in regions)
    # One label of all veins beside the thrombi says where veins are.
    whole = len(others) == 1 and len(regions) > 1 and names_vein(others[0].name)
    veins: tuple[Role, ...] = ("segments",) if named or whole else ()
    if any(one.thrombus for one in regions):
        return ("thrombi", *veins)
    return veins or _one_role(thrombi=mask.name.thrombi, veins=mask.name.veins)


def _named(name: str) -> tuple[Role, ...]:
    told = read_name(PurePath(name))
    if told.thrombi and vein_named(name.partition(".")[0]) is not None:
        return ("thrombi",)
    return _one_role(thrombi=told.thrombi, veins=told.veins)


def _one_role(*, thrombi: bool, veins: bool) -> tuple[Role, ...]:
    if thrombi == veins:
        return ()
    return ("thrombi",) if thrombi else ("segments",)


def _one_file(
    case: Case, role: Role, masks: Sequence[ImportFile], cohort: Cohort, notes: ImportNotes
) -> Path | None:
    """The one mask of a role, or a new file of several; None if there is none that can be used."""
    found = [one for mask in masks if (one := _drawn(case, role, mask.path, cohort, notes))]
    parts = _named_veins(found, notes) if role == "segments" else _without_copies(found, notes)
    notes.guesses += [remark for one in parts for remark in one.remarks]
    if not parts or (len(parts) < 2 and not parts[0].renumbered):
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
    kinds: Sequence[ThrombusKind] = ()
    try:
        if role == "segments":
            merged = joined_veins(parts)
        else:
            merged, kinds, of = joined_thrombi(parts)
            if of:
                notes.guesses.append(
                    f"the thrombi of case {case.case!r} come a {of} a file; what touches is one thrombus"
                )
    except MaskError as error:
        for one in parts:
            notes.leave(one.path, f"the {role} of case {case.case!r} contradict: {error}")
        return None
    from deepvein.studies.nifti import write_nifti

    path = cohort.root / "masks" / f"{case.case}_{role}.nii.gz"
    write_nifti(Volume(merged, parts[0].grid), path)
    if kinds:
        rows = "".join(f"{number}\t{kind.text}\n" for number, kind in enumerate(kinds, start=1))
        write_text(path.with_name(f"{case.case}_{role}.tsv"), f"index\tname\n{rows}", private=True)
    if len(parts) > 1:
        names = ", ".join(one.path.name for one in parts)
        notes.guesses.append(
            f"{names} are the {role} of case {case.case!r} together, written as {path.name}"
        )
    return path


def _are_parts(paths: Sequence[Path]) -> bool:
    """Whether names of masks differ by what tells parts apart alone, and none is of a reader or a version."""
    opinions = len(paths) > 1 and any(map(is_opinion, paths))
    return not opinions and len({(_above(path), without_parts(path)) for path in paths}) <= 1


def _above(path: Path) -> Path:
    """The folder of a mask, but for one that is called after a side, as in `left/clot` and `right/clot`."""
    return path.parent if side_named(path.parent.name) is Side.UNKNOWN else path.parent.parent


def _drawn(
    case: Case, role: Role, path: Path, cohort: Cohort, notes: ImportNotes
) -> DrawnMask | None:
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
    return DrawnMask(path, volume.array, volume.grid, opened.remarks)


def _without_copies(found: Sequence[DrawnMask], notes: ImportNotes) -> list[DrawnMask]:
    """The masks without those that mark just what another does, or all of the others together."""
    kept: list[DrawnMask] = []
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


def _named_veins(found: Sequence[DrawnMask], notes: ImportNotes) -> list[DrawnMask]:
    """Masks of one vein a file, of which all mark with 1, with the numbers of the veins in their names; one
    alone may be of both sides where it says none."""
    from deepvein.studies.masks import read_regions

    known = {one.path: _vein_of(one.path) for one in found}
    single = [one for one in found if one.labels.max(initial=0) <= 1 and not read_regions(one.path)]
    if len(found) == 1 and any(vein and vein[1] is Side.UNKNOWN for vein in known.values()):
        return list(found)
    if not any(known[one.path] for one in single):
        return list(found)
    parts = [one for one in found if one not in single]
    for one in single:
        vein = known[one.path]
        if vein is None:
            notes.leave(one.path, "its name is no vein that is known, as those beside it are")
            continue
        sideless = ", and as it says no side the right one" if vein[1] is Side.UNKNOWN else ""
        notes.guesses.append(f"{one.path.name} marks the vein that its name says{sideless}")
        labels = (one.labels * encode(*vein)).astype(np.uint8)
        parts.append(replace(one, labels=labels, remarks=(), renumbered=True))
    return parts


def _vein_of(path: Path) -> tuple[VeinSegment, Side] | None:
    """The vein that the name of a file says, its side by that or by its folder."""
    vein = vein_named(path.name.partition(".")[0])
    if vein is None or vein[1] is not Side.UNKNOWN:
        return vein
    return vein[0], side_named(path.parent.name)
