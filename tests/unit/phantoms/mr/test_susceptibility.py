from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.mr.susceptibility import disturb, influence

SPACING = (2.0, 1.0, 1.0)


@pytest.fixture
def metal() -> np.ndarray:
    mask = np.zeros((50, 80, 80), np.uint8)
    mask[20:30, 30:50, 30:50] = 1
    return mask


def test_influence_is_the_share_of_metal_around(metal: np.ndarray) -> None:
    near = influence(metal, SPACING)
    assert near.sum() == pytest.approx(metal.sum(), rel=1e-3)
    assert near.max() == near[24:26, 39:41, 39:41].max()
    assert near[0, 0, 0] == 0


def test_the_void_is_wider_than_the_metal_and_has_a_bright_rim(metal: np.ndarray) -> None:
    signal = np.full(metal.shape, 4000, np.uint16)
    disturb(signal, metal, SPACING)
    assert not signal[metal > 0].any()
    assert np.count_nonzero(signal == 0) > 1.15 * metal.sum()
    assert signal.max() > 5000
    assert (signal[:3] == 4000).all()


def test_tissue_is_displaced_along_the_body_only_near_the_metal(metal: np.ndarray) -> None:
    rows = np.broadcast_to(1000 + 10 * np.arange(80)[None, :, None], metal.shape)
    signal = rows.astype(np.uint16)
    disturb(signal, metal, SPACING)
    changed = np.argwhere(signal != rows)
    gap = np.maximum(0, np.abs(changed - [24.5, 39.5, 39.5]) - [5, 10, 10]) * SPACING
    assert gap.max() <= 27


def test_without_metal_nothing_changes_and_refocused_echoes_suffer_less(metal: np.ndarray) -> None:
    signal = np.full(metal.shape, 4000, np.uint16)
    disturb(signal, np.zeros_like(metal), SPACING)
    assert (signal == 4000).all()
    weaker = signal.copy()
    disturb(signal, metal, SPACING)
    disturb(weaker, metal, SPACING, 0.5)
    assert np.count_nonzero(weaker == 0) < np.count_nonzero(signal == 0)
