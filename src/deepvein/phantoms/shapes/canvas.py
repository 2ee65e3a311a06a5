"""What a section is painted on: one value a pixel, painted over in order of depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.shapes.tube import Pixels, Pixels32, Window

Labels = NDArray[np.uint8]


class Palette(Protocol):
    """How tissues look in a modality: CT gives Hounsfield units, MR gives signal."""

    def tissue(self, tissue: Tissue) -> float: ...

    def blood(self, enhancement: Pixels32) -> Pixels32:
        """Value of blood that carries `enhancement` of a fully opacified vein's contrast."""
        ...

    def clot(self, acute: bool, quantile: float) -> float:
        """Value of a thrombus; `quantile` is its place, in SDs, among thrombi of its age."""
        ...


@dataclass(eq=False)
class Canvas:
    """The section at height z_mm, thickness_mm thick, seen through sub-planes.

    value: (rows, columns) float32; the label planes are uint8 of the same shape; metal is 0 or 1, what
    streaks and signal voids start from.
    """

    pixels: Pixels
    palette: Palette
    z_mm: float
    planes_mm: tuple[float, ...]
    value: Pixels32 = field(init=False)
    segments: Labels = field(init=False)
    thrombi: Labels = field(init=False)
    arteries: Labels = field(init=False)
    bones: Labels = field(init=False)
    metal: Labels = field(init=False)

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        self.value = np.full(shape, self.palette.tissue(Tissue.AIR), dtype=np.float32)
        self.segments = np.zeros(shape, dtype=np.uint8)
        self.thrombi = np.zeros(shape, dtype=np.uint8)
        self.arteries = np.zeros(shape, dtype=np.uint8)
        self.bones = np.zeros(shape, dtype=np.uint8)
        self.metal = np.zeros(shape, dtype=np.uint8)

    @property
    def labels(self) -> tuple[Labels, Labels, Labels, Labels]:
        """Segments, thrombi, arteries, bones."""
        return self.segments, self.thrombi, self.arteries, self.bones

    def lay(self, window: Window, part: Pixels32, value: float | Pixels32) -> None:
        """Cover `part` (0 to 1) of the window's pixels with `value`."""
        under = self.value[window.place]
        under += part * ((np.float32(value) if isinstance(value, float) else value) - under)

    def lay_tissue(self, window: Window, part: Pixels32, tissue: Tissue) -> None:
        self.lay(window, part, self.palette.tissue(tissue))
