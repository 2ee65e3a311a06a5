"""Whole slices of two MR sequences side by side."""

from __future__ import annotations

import torch
from torch import Tensor

from deepvein.examples.normalisation import normalise, scaling
from deepvein.examples.preprocessing import network_shape, read_planes, resize
from deepvein.examples.slices import SliceSource
from deepvein.examples.whole import Item
from deepvein.laboratory.huang2019.sequences import open_second


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
