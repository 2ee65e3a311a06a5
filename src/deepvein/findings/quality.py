"""What limits the reading of a study: the side, coverage, opacification, and the image itself.

Remark codes: `veins-not-seen`, `poor-opacification`, `asymmetric-opacification`, `incomplete-coverage`,
`side-unknown`, `laterality-against-image`, `laterality-against-position`, and those of `image_quality`.
"""

from __future__ import annotations

from deepvein.anatomy.veins import Side
from deepvein.findings.image_quality import image_remarks
from deepvein.studies.study import Format, Modality, Remark, Study
from deepvein.veins.opacification import Opacification, Visibility
from deepvein.veins.side import Midline
from deepvein.veins.stations import Coverage, Station
from deepvein.veins.tree import VeinTree

OFF_CENTRE_MM = 60.0
"""A leg this far from the scanner's centre hardly lies there by chance: two legs lie 80 to 120 mm from it.
Ours."""

VEINS_SEEN = 0.4
"""Share of the levels of a station and side that show a vein; below, its veins are not seen. Ours."""

ADEQUATE_HU = 70.0
"""CT veins above are adequately opacified (Eur Radiol 2022, s00330-022-08841-0)."""

ADEQUATE_RATIO = 1.4
"""MR vein to neighbouring tissue; about 2.0 to 2.3 is expected at equilibrium. Ours."""

ASYMMETRY_RATIO = 0.6
"""The weaker side's contrast over the stronger one's; below is asymmetric. Ours."""


def remarks_on(study: Study, tree: VeinTree) -> tuple[Remark, ...]:
    """What a reader should know about the quality of a study that was screened; () if nothing."""
    remarks = (
        _side(study, tree.naming.midline),
        _missing(tree.coverage),
        _unseen(tree.visibility),
        _poor(tree.opacification, study.modality),
        _asymmetric(tree.opacification),
    )
    return (*(remark for remark in remarks if remark is not None), *image_remarks(study))


def _side(study: Study, midline: Midline) -> Remark | None:
    if midline.only is None:
        if study.laterality is None:
            return None
        return Remark(
            "laterality-against-image",
            f"The headers name the {study.laterality.value} side only, but both legs are seen: the image "
            "tells the sides.",
        )
    leg_x_mm, off_centre = midline.leg_x_mm or 0.0, Side.UNKNOWN
    if study.origin.format is Format.DICOM and abs(leg_x_mm) >= OFF_CENTRE_MM:
        off_centre = Side.LEFT if leg_x_mm > 0 else Side.RIGHT
    if midline.only is Side.UNKNOWN:
        hint = f"; it lies to the {off_centre.value} of the scanner's centre" * (
            off_centre is not Side.UNKNOWN
        )
        return Remark(
            "side-unknown",
            f"Only one leg is seen and the headers do not tell which{hint}: no side is given.",
        )
    if off_centre in (Side.UNKNOWN, midline.only):
        return None
    return Remark(
        "laterality-against-position",
        f"The headers name the {midline.only.value} leg, but the one that is seen lies "
        f"{abs(leg_x_mm):.0f} mm to the {off_centre.value} of the scanner's centre: check the side.",
    )


def _missing(shown: Coverage) -> Remark | None:
    if not shown.missing or not shown.shown:
        return None
    return Remark(
        "incomplete-coverage",
        f"The study does not show the {_words([s.value for s in shown.missing])}: "
        "a thrombus there is not excluded.",
    )


def _unseen(visibility: tuple[Visibility, ...]) -> Remark | None:
    unseen = [one for one in visibility if one.share < VEINS_SEEN]
    if not unseen:
        return None
    where = _words([_place(one.side, one.station) for one in unseen])
    return Remark(
        "veins-not-seen",
        f"The deep veins of the {where} are hardly seen: a thrombus there is not excluded.",
    )


def _poor(measured: tuple[Opacification, ...], modality: Modality) -> Remark | None:
    def is_poor(one: Opacification) -> bool:
        if modality is Modality.CT:
            return one.vein <= ADEQUATE_HU
        return one.vein <= ADEQUATE_RATIO * one.tissue

    poor = [one for one in measured if is_poor(one)]
    if not poor:
        return None
    where = _words([_value(one, modality) for one in poor])
    limit = (
        f"more than {ADEQUATE_HU:.0f} HU"
        if modality is Modality.CT
        else f"more than {ADEQUATE_RATIO:.1f} times the tissue beside them"
    )
    return Remark(
        "poor-opacification",
        f"The veins are poorly opacified: {where}; {limit} is adequate.",
    )


def _value(one: Opacification, modality: Modality) -> str:
    place = _place(one.side, one.station)
    if modality is Modality.CT:
        return f"{place} ({one.vein:.0f} HU)"
    ratio = f"{one.vein / one.tissue:.1f}" if one.tissue > 0 else "no"
    return f"{place} ({ratio} times the tissue)"


def _place(side: Side, station: Station) -> str:
    return station.value if side is Side.UNKNOWN else f"{side.value} {station.value}"


def _asymmetric(measured: tuple[Opacification, ...]) -> Remark | None:
    by_place = {(one.station, one.side): one for one in measured}
    uneven = []
    for station in Station:
        right, left = by_place.get((station, Side.RIGHT)), by_place.get((station, Side.LEFT))
        if right is None or left is None:
            continue
        contrasts = [one.vein - one.tissue for one in (right, left)]
        if max(contrasts) <= 0 or min(contrasts) >= ASYMMETRY_RATIO * max(contrasts):
            continue
        weaker = "right" if contrasts[0] < contrasts[1] else "left"
        uneven.append(f"{station.value} ({weaker} weaker)")
    if not uneven:
        return None
    return Remark(
        "asymmetric-opacification",
        f"The two sides are unevenly opacified: {_words(uneven)}; slow flow, obstruction or mixing "
        "may be the reason.",
    )


def _words(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
