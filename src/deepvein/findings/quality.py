"""What limits the reading of a study: opacification, noise, metal and coverage.

Remark codes: `veins-not-seen`, `poor-opacification`, `asymmetric-opacification`, `high-noise`, `metal`,
`incomplete-coverage`, `side-unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.inference.prediction import Prediction
from deepvein.studies.study import Modality, Remark, Study
from deepvein.veins.opacification import Opacification, opacification, visibility
from deepvein.veins.side import Midline
from deepvein.veins.stations import Coverage, Station, coverage


@dataclass(frozen=True)
class QualitySettings:
    """Limits of adequate quality.

    veins_seen: share of the levels of a station and side that show a vein; below, they are not seen. Ours.
    adequate_hu: CT veins above are adequately opacified (Eur Radiol 2022, s00330-022-08841-0).
    adequate_ratio: MR vein to neighbouring tissue; about 2.0 to 2.3 is expected at equilibrium. Ours.
    asymmetry_ratio: the weaker side's contrast over the stronger one's; below is asymmetric. Ours.
    noisy_hu: standard deviation in soft tissue; about 7 HU is usual (from Cho 2013, Korean J Radiol
    14:183). Ours.
    metal_hu, metal_ml: volume above cortical bone (900 to 1,700 HU) that tells metal.
    metal_reach_mm: half of the length along the body that streaks spoil (4.5 cm, Byun 2008, Korean J
    Radiol 9:59).
    """

    veins_seen: float = 0.4
    adequate_hu: float = 70.0
    adequate_ratio: float = 1.4
    asymmetry_ratio: float = 0.6
    noisy_hu: float = 25.0
    metal_hu: float = 2500.0
    metal_ml: float = 0.5
    metal_reach_mm: float = 22.5


def remarks_on(
    study: Study, prediction: Prediction, middle: Midline, settings: QualitySettings | None = None
) -> tuple[Remark, ...]:
    """What a reader should know about the quality of a study that was screened; () if nothing."""
    settings = settings or QualitySettings()
    measured = opacification(study, prediction, middle)
    return tuple(
        remark
        for remark in (
            _side_unknown(middle),
            _coverage(coverage(prediction.territories)),
            _unseen(prediction, middle, settings),
            _poor(measured, study.modality, settings),
            _asymmetric(measured, study.modality, settings),
            *_physics(study, prediction, settings),
        )
        if remark is not None
    )


def _side_unknown(middle: Midline) -> Remark | None:
    if middle.only is not Side.UNKNOWN:
        return None
    return Remark(
        "side-unknown", "Only one leg is seen and the headers do not tell which: no side is given."
    )


def _coverage(shown: Coverage) -> Remark | None:
    if not shown.missing or not shown.shown:
        return None
    return Remark(
        "incomplete-coverage",
        f"The study does not show the {_words([s.value for s in shown.missing])}: "
        "a thrombus there is not excluded.",
    )


def _unseen(prediction: Prediction, middle: Midline, settings: QualitySettings) -> Remark | None:
    unseen = [one for one in visibility(prediction, middle) if one.share < settings.veins_seen]
    if not unseen:
        return None
    where = _words([_place(one.side, one.station) for one in unseen])
    return Remark(
        "veins-not-seen",
        f"The deep veins of the {where} are hardly seen: a thrombus there is not excluded.",
    )


def _poor(
    measured: tuple[Opacification, ...], modality: Modality, settings: QualitySettings
) -> Remark | None:
    def is_poor(one: Opacification) -> bool:
        if modality is Modality.CT:
            return one.vein <= settings.adequate_hu
        return one.vein <= settings.adequate_ratio * one.tissue

    poor = [one for one in measured if is_poor(one)]
    if not poor:
        return None
    where = _words([_value(one, modality) for one in poor])
    limit = (
        f"more than {settings.adequate_hu:.0f} HU"
        if modality is Modality.CT
        else f"more than {settings.adequate_ratio:.1f} times the tissue beside them"
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


def _asymmetric(
    measured: tuple[Opacification, ...], modality: Modality, settings: QualitySettings
) -> Remark | None:
    by_place = {(one.station, one.side): one for one in measured}
    uneven = []
    for station in Station:
        right, left = by_place.get((station, Side.RIGHT)), by_place.get((station, Side.LEFT))
        if right is None or left is None:
            continue
        contrasts = [one.vein - one.tissue for one in (right, left)]
        if max(contrasts) <= 0 or min(contrasts) >= settings.asymmetry_ratio * max(contrasts):
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


def _physics(
    study: Study, prediction: Prediction, settings: QualitySettings
) -> Iterator[Remark | None]:
    if study.modality is not Modality.CT:
        return
    noise = noise_hu(study)
    if noise is not None and noise > settings.noisy_hu:
        yield Remark(
            "high-noise",
            f"The image is noisy: standard deviation {noise:.0f} HU in soft tissue, up to "
            f"{settings.noisy_hu:.0f} HU is adequate.",
        )
    yield _metal(study, settings)


def noise_hu(study: Study) -> float | None:
    """Standard deviation of the noise in soft tissue of a CT, from differences of neighbouring columns.

    Robust (median absolute deviation) over 16 slices; correlated noise is underestimated. None where
    there is hardly any soft tissue.
    """
    array = study.volume.array
    chosen = np.unique(np.linspace(0, len(array) - 1, 16).round().astype(int))
    differences = []
    for number in chosen:
        plane = array[number].astype(np.float32)
        soft = (plane > -50) & (plane < 200)
        both = soft[:, 1:] & soft[:, :-1]
        differences.append((plane[:, 1:] - plane[:, :-1])[both])
    values = np.concatenate(differences)
    if len(values) < 1000:
        return None
    spread = np.median(np.abs(values - np.median(values)))
    return float(1.4826 * spread / np.sqrt(2.0))


def _metal(study: Study, settings: QualitySettings) -> Remark | None:
    axis = study.volume.grid.body_axis
    counts = np.zeros(study.volume.grid.shape[axis], dtype=np.int64)
    for number, plane in enumerate(study.volume.array):
        bright = plane >= settings.metal_hu
        if axis == 0:
            counts[number] = np.count_nonzero(bright)
        else:
            counts += np.count_nonzero(bright, axis=2 - axis)
    if counts.sum() * study.volume.grid.voxel_volume_ml < settings.metal_ml:
        return None
    positions = study.volume.grid.body_positions_mm()[counts > 0]
    low = positions.min() - settings.metal_reach_mm
    high = positions.max() + settings.metal_reach_mm
    return Remark(
        "metal",
        f"Metal is seen; streaks may hide or imitate a thrombus from z = {low:.0f} to {high:.0f} mm.",
    )


def _words(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
