"""Masks as NIfTI: label maps whose numbers are mostly all that they say."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from deepvein.core.errors import MaskError
from deepvein.studies.masks.alignment import grid_remarks, place
from deepvein.studies.masks.label_tables import named_labels
from deepvein.studies.masks.labels import Labels, Region, present_labels, whole_labels
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.studies.nifti import is_nifti, read_nifti, surplus_of_nifti
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


class NiftiMaskReader:
    """.nii and .nii.gz on the image's grid or another one in its space."""

    def accepts(self, path: Path) -> bool:
        return is_nifti(path)

    def regions(self, path: Path) -> tuple[Region, ...]:
        return tuple(Region.named(label, name) for label, name in named_labels(path).items())

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        volume = read_nifti(path, memory_map=True)
        named = named_labels(path)
        labels, remarks = whole_labels(volume.array, path, named)
        lost = [label for label in present_labels(labels) if label not in named]
        if named and lost:
            raise MaskError(
                f"{path} marks with {lost[0]}, which its header or the table beside it does not name "
                f"({', '.join(map(repr, list(named.values())[:3]))}); name it, or mend the mask"
            )
        if named and only is not None:
            labels = np.where(np.isin(labels, list(only)), labels, np.uint8(0))
        names = {number: name for number, name in named.items() if only is None or number in only}
        drawn = Volume(labels, volume.grid)
        shifted = grid_remarks(drawn, onto, path.name)
        behind = [told] if (told := surplus_of_nifti(path)) else []
        return Labels(place(drawn, onto, path.name), names, (*remarks, *shifted, *behind))


MASK_READERS.add("nifti", NiftiMaskReader())
