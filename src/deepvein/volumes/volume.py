"""An array that never travels without its grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import Grid


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar image or mask: `array` is (slice, row, column) and has exactly the shape of `grid`."""

    array: NDArray[Any]
    grid: Grid

    def __post_init__(self) -> None:
        if self.array.shape != self.grid.shape:
            raise GeometryError(
                f"the array has shape {self.array.shape}, its grid has {self.grid.shape}"
            )

    def require_finite(self) -> Volume:
        """Itself, or GeometryError if a floating-point array holds NaN or Inf."""
        if np.issubdtype(self.array.dtype, np.floating):
            for index, plane in enumerate(self.array):
                if not np.isfinite(plane).all():
                    raise GeometryError(
                        f"slice {index} holds NaN or infinite values; put a value there that air has "
                        "(-1024 in CT, 0 in MR)"
                    )
        return self
