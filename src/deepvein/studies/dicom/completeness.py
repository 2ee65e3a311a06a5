"""What headers tell of files that should be there and are not."""

from __future__ import annotations

from collections.abc import Sequence

from deepvein.studies.dicom.header import Header


def missing_parts(files: Sequence[Header]) -> str:
    """A sentence on parts of a concatenation that are not among the files of a series, else empty.

    Such a series shows a part of the body only, although its slices make a regular row.
    """
    there: dict[str, dict[int, Header]] = {}
    for header in files:
        if header.concatenation is not None:
            there.setdefault(header.concatenation.uid, {})[header.concatenation.number] = header
    for parts in there.values():
        totals = [one.concatenation.total for one in parts.values() if one.concatenation]
        total = max([*parts, *(total for total in totals if total)])
        lost = [str(number) for number in range(1, total + 1) if number not in parts]
        if lost:
            names = ", ".join(header.path.name for _, header in sorted(parts.items()))
            return (
                f"part {', '.join(lost)} of {total} of a multi-frame image is missing beside {names}; "
                "copy all of its files"
            )
    return ""


def missing_ends(files: Sequence[Header]) -> str:
    """A sentence on images of a series that its headers count and that are not there, else empty.

    Slices that are missing at an end leave a regular row behind; what tells of them are Images in
    Acquisition, and image numbers that run without a gap but do not begin at 0 or 1.
    """
    counted: dict[str, list[Header]] = {}
    for header in files:
        if header.in_acquisition and header.frames:
            acquisition = dict(header.frames[0].split).get("acquisition", "")
            counted.setdefault(acquisition, []).append(header)
    for members in counted.values():
        said = max(header.in_acquisition or 0 for header in members)
        there = sum(len(header.frames) for header in members)
        if said > there:
            return (
                f"the headers count {said} images in the acquisition, {there} are here; "
                f"{said - there} may be missing at an end"
            )
    numbers = sorted({header.number for header in files if header.number is not None})
    if len(numbers) > 1 and numbers[0] > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return (
            f"the image numbers begin at {numbers[0]}; images 1 to {numbers[0] - 1} of the series are not "
            "here and may be missing at an end"
        )
    return ""
