"""Wrap-around: what lies beside the field of view is folded in on the other side."""

from __future__ import annotations

import numpy as np

from deepvein.phantoms.shapes.tube import Pixels32


def fold(value: Pixels32, margin: int, weight: float) -> Pixels32:
    """(rows, columns - 2 margin) the middle of `value` with `weight` of both margins folded in.

    A place just outside the left edge appears just inside the right one. margin: 0 to a third of the
    columns.
    """
    if margin == 0:
        return value
    inner = value[:, margin:-margin].copy()
    part = np.float32(weight)
    inner[:, :margin] += part * value[:, -margin:]
    inner[:, -margin:] += part * value[:, :margin]
    return inner
