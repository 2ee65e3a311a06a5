"""Vessels that lie side by side: pushed apart where their walls would meet."""

from __future__ import annotations

import numpy as np

from deepvein.phantoms.shapes.tube import Float, Tube

_SMOOTH_NODES = 7


def kept_apart(tube: Tube, other: Tube, gap_mm: float) -> Tube:
    """`tube` moved away from `other` wherever their lumens come nearer than `gap_mm`.

    Both keep their sections; heights that they do not share are left alone except for a smooth ending.
    """
    low, high = max(tube.low_mm, other.low_mm), min(tube.high_mm, other.high_mm)
    if low >= high:
        return tube
    z = tube.z_mm
    shared = (z >= low) & (z <= high)
    there = np.stack([np.interp(z, other.z_mm, other.sections[:, k]) for k in range(5)], axis=1)
    here = tube.sections
    delta = here[:, :2] - there[:, :2]
    away = np.sqrt((delta * delta).sum(axis=1))
    unit = delta / np.maximum(away, 1e-6)[:, None]
    need = _support(here, unit) + _support(there, unit) + gap_mm - away
    push = np.where(shared, np.clip(need, 0.0, 8.0), 0.0)
    if not push.any():
        return tube
    nodes = tube.nodes.copy()
    nodes[:, :2] += _smooth(push[:, None] * unit, push)
    return Tube(tube.low_mm, np.round(nodes, 6), tube.oblique)


def _support(sections: Float, unit: Float) -> Float:
    """Reach of ellipses from their centres in directions: (n, 5) sections, (n, 2) directions -> (n,)."""
    a, b, c = sections[:, 2], sections[:, 3], sections[:, 4]
    ux, uy = unit.T
    out: Float = np.sqrt((c * ux * ux - 2 * b * ux * uy + a * uy * uy) / (a * c - b * b))
    return out


def _smooth(shift: Float, push: Float) -> Float:
    """(n, 2) shifts spread over their neighbours, so that no node moves less than its push."""
    reach = _SMOOTH_NODES
    padded = np.pad(push, reach, mode="edge")
    widest = np.max([padded[k : k + len(push)] for k in range(2 * reach + 1)], axis=0)
    hat = np.bartlett(2 * reach + 1)[1:-1]
    amount = np.convolve(np.pad(widest, reach - 1, mode="edge"), hat / hat.sum(), "valid")
    # The direction is that of the pushed neighbours together.
    width = np.ones(4 * reach + 1)
    total = np.stack([np.convolve(np.pad(s, 2 * reach), width, "valid") for s in shift.T], axis=1)
    size = np.maximum(np.sqrt((total * total).sum(axis=1)), 1e-9)
    out: Float = np.maximum(amount, push)[:, None] * total / size[:, None]
    return out
