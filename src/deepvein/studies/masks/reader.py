"""What a reader of one mask format does."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from deepvein.core.registry import Registry
from deepvein.studies.masks.labels import Labels, Region
from deepvein.volumes.grid import Grid


class MaskReader(Protocol):
    """One mask format. A reader writes nothing and raises MaskError, StudyError or GeometryError."""

    def accepts(self, path: Path) -> bool:
        """True if this reader is meant for the file; looks at the name and the header only."""

    def regions(self, path: Path) -> tuple[Region, ...]:
        """What the file says that it marks, without reading voxels; empty where it names nothing."""

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        """The labels on the grid `onto`; of a file that names its regions the numbers in `only`, or all."""


MASK_READERS: Registry[MaskReader] = Registry("mask reader")
