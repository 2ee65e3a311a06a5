"""Whole slices of two MR sequences side by side."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from deepvein.examples.normalisation import normalise, scaling
from deepvein.examples.preprocessing import network_shape, read_planes, resize
from deepvein.examples.presets import HUANG2019
from deepvein.examples.slices import SliceExamples, SliceSource
from deepvein.examples.sources import SourceSpec, register
from deepvein.examples.whole import Item
from deepvein.laboratory.huang2019.sequences import open_second


@dataclass(frozen=True)
class SequenceExamples(SliceExamples):
    """Whole slices of two MR sequences side by side."""

    kind: str = "sequences"

    @property
    def channels(self) -> int:
        return 2 * self.slices + int(self.vein_channel)


class SequenceSource(SliceSource):
    """A SliceSource whose inputs have the channels of the image, then those of the second sequence."""

    def _image(self, item: Item) -> Tensor:
        second = open_second(item.case, self.cohort.cache).image
        settings = self.settings
        planes = read_planes(second.array, item.inputs, settings.normalisation.background)
        scale = scaling(second, settings.normalisation, self.moments)
        added = torch.from_numpy(planes).to(self.device).unsqueeze(0)
        added = resize(normalise(added, [scale]), network_shape(second.grid, settings))
        return torch.cat([super()._image(item), added], dim=1)


register(
    SourceSpec(
        "sequences", "whole slices of an MR image and its t2.nii", SequenceExamples, SequenceSource
    )
)

TWO_SEQUENCES = SequenceExamples(
    targets=HUANG2019.targets,
    size=HUANG2019.size,
    normalisation=HUANG2019.normalisation,
    augmentation=HUANG2019.augmentation,
)
"""The paper's examples with a second sequence."""
