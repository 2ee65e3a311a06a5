"""Coronal reformats of CT and axial MR go through the bundled models by their geometry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from deepvein.evaluation.lesions import match
from deepvein.findings.screening import Verdict
from deepvein.laboratory.second_opinion.knees import KNEES, KneeSettings, knees
from deepvein.screening.screen import screen
from deepvein.studies.study import Format, Identity, Modality, Origin, Study
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

pytestmark = pytest.mark.slow

CT = KneeSettings(slices=(50, 54), spacing_mm=(2.0, 1.0, 1.0), rows=160, columns=330)
PLANES = {
    # Planes of 1 mm two by two, and of 1.2 mm four by four.
    Modality.CT: (CT, CORONAL, 2),
    Modality.MR: (KNEES[Modality.MR], AXIAL, 4),
}


def turned(volume: Volume, plane: NDArray[np.float64], thick: int, *, mask: bool = False) -> Volume:
    """In another plane, the mean (of a mask: the middle) of `thick` slices to one."""
    made = orient(volume, plane)
    count = made.grid.shape[0] // thick
    parts = made.array[: count * thick].reshape(count, thick, *made.grid.shape[1:])
    first = np.eye(4)
    first[0, 3] = (thick - 1) / 2
    affine = made.grid.affine @ first @ np.diag([thick, 1, 1, 1])
    array = parts[:, thick // 2] if mask else np.rint(parts.mean(1)).astype(made.array.dtype)
    return Volume(np.ascontiguousarray(array), Grid(array.shape, affine))


@pytest.mark.parametrize("modality", PLANES)
def test_a_thrombus_is_found_through_another_plane(modality: Modality) -> None:
    settings, plane, thick = PLANES[modality]
    shown = knees(30001, settings)
    image = turned(shown.image, plane, thick)
    thrombi = turned(shown.thrombi, plane, thick, mask=True)
    origin = Origin(Path(shown.name), Format.NIFTI, ())
    result = screen(
        Study(shown.name, modality, image, Identity(), origin, synthetic=True), device="cpu"
    )
    assert "other-plane" in {remark.code for remark in result.remarks}
    assert result.verdict is Verdict.SUSPECTED
    assert all(one.probability is not None for one in match(result.findings, thrombi.array).lesions)
