"""What limits the reading of a CT image, whatever it shows: noise and metal.

Remark codes: `high-noise`, `metal`.
"""

from __future__ import annotations

import numpy as np

from deepvein.studies.study import Modality, Remark, Study

NOISY_HU = 25.0
"""Standard deviation in soft tissue; about 7 HU is usual (from Cho 2013, Korean J Radiol 14:183). Ours."""

METAL_HU, METAL_ML = 2500.0, 0.5
"""A volume above cortical bone (900 to 1,700 HU) tells metal."""

METAL_REACH_MM = 22.5
"""Half of the length along the body that streaks spoil (4.5 cm, Byun 2008, Korean J Radiol 9:59)."""


def image_remarks(study: Study) -> tuple[Remark, ...]:
    """Noise and metal of a CT; () if neither disturbs, and for MR."""
    if study.modality is not Modality.CT:
        return ()
    return tuple(remark for remark in (_noise(study), _metal(study)) if remark is not None)


def _noise(study: Study) -> Remark | None:
    noise = noise_hu(study)
    if noise is None or noise <= NOISY_HU:
        return None
    return Remark(
        "high-noise",
        f"The image is noisy: standard deviation {noise:.0f} HU in soft tissue, up to "
        f"{NOISY_HU:.0f} HU is adequate.",
    )


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


def _metal(study: Study) -> Remark | None:
    axis = study.volume.grid.body_axis
    counts = np.zeros(study.volume.grid.shape[axis], dtype=np.int64)
    for number, plane in enumerate(study.volume.array):
        bright = plane >= METAL_HU
        if axis == 0:
            counts[number] = np.count_nonzero(bright)
        else:
            counts += np.count_nonzero(bright, axis=2 - axis)
    if counts.sum() * study.volume.grid.voxel_volume_ml < METAL_ML:
        return None
    positions = study.volume.grid.body_positions_mm()[counts > 0]
    low = positions.min() - METAL_REACH_MM
    high = positions.max() + METAL_REACH_MM
    return Remark(
        "metal",
        f"Metal is seen; streaks may hide or imitate a thrombus from z = {low:.0f} to {high:.0f} mm.",
    )
