"""Masks as NIfTI: label maps whose numbers are all that they say."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from deepvein.studies.masks.alignment import place, shift_remarks
from deepvein.studies.masks.labels import Labels, Region, whole_labels
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.studies.nifti import is_nifti, read_nifti
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


class NiftiMaskReader:
    """.nii and .nii.gz on the image's grid or another one in its space."""

    def accepts(self, path: Path) -> bool:
        return is_nifti(path)

    def regions(self, path: Path) -> tuple[Region, ...]:
        return ()

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        volume = read_nifti(path, memory_map=True)
        labels, remarks = whole_labels(volume.array, path)
        drawn = Volume(labels, volume.grid)
        shifted = shift_remarks(drawn, onto, path.name)
        return Labels(place(drawn, onto, path.name), remarks=(*remarks, *shifted))


MASK_READERS.add("nifti", NiftiMaskReader())
