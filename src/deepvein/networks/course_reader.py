"""A reader that follows a vein: sections along its course, seen together with the other leg's.

Each section is encoded alone; dilated convolutions along the course (van den Oord et al. 2016, WaveNet) let
each see what lies 63 sections below and above it (at 3 mm, 190 mm each way): where a thrombus begins and
ends, which vein flows in, and the same height of the other leg. A small decoder then marks the thrombus in
the section.

| stage | output a section, defaults |
|---|---|
| 2 × (3×3 convolution, ReLU) | 8 × 28×28 |
| pooling, 2 × (3×3 convolution, ReLU) | 16 × 14×14 |
| pooling, 2 × (3×3 convolution, ReLU) | 32 × 7×7 |
| convolution of the whole 7×7 | 64 |
| with the other leg's 64: 6 residual convolutions of 3, dilated by 1 to 32, group norm | 64 |
| linear | thrombus and artefact, one number each |
| added to the 7×7, decoder with skips | thrombus, 1 × 28×28 |

212,107 parameters. There is no normalisation before the course: how bright a section is beside all others
says what its vein holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from deepvein.core.errors import SettingsError
from deepvein.networks.layers import require_shape
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import Transfer

LEGS, ANSWERS = 2, 3
"""Of each leg: thrombus in a pixel; a thrombus and a mixing artefact in the section, one number each, spread
over its pixels."""

_COARSEST = 7
"""Rows and columns of the coarsest maps, whatever the size of the sections."""


@dataclass(frozen=True)
class CourseReaderSettings:
    """in_channels: of both legs' sections, half of them a leg's. classes: LEGS times ANSWERS, a leg after
    the other. base: channels at full size, doubled at each of two poolings. width: features of a section
    along the course. dilations: of the residual convolutions."""

    in_channels: int = 4
    classes: int = LEGS * ANSWERS
    base: int = 8
    width: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32)

    def __post_init__(self) -> None:
        if self.in_channels < LEGS or self.in_channels % LEGS:
            raise SettingsError(
                f"both legs have as many channels: in_channels is even, got {self.in_channels}"
            )
        if self.classes != LEGS * ANSWERS:
            raise SettingsError(f"classes is {LEGS * ANSWERS}, got {self.classes}")
        if self.base < 1 or self.width < 8 or self.width % 8:
            raise SettingsError(
                f"base is 1 or larger and width a multiple of 8, got {self.base} and {self.width}"
            )
        if not self.dilations or min(self.dilations) < 1:
            raise SettingsError(f"dilations are 1 or larger, got {self.dilations}")

    @property
    def size_multiple(self) -> tuple[int, int, int]:
        """Input sizes must be multiples of this along section, row, column."""
        return (1, 4, 4)


class CourseReader(nn.Module):
    """(B, LEGS * channels, L, row, column) -> logits (B, LEGS * ANSWERS, L, row, column)."""

    def __init__(self, settings: CourseReaderSettings) -> None:
        super().__init__()
        self.settings = settings
        one, two, four = settings.base, 2 * settings.base, 4 * settings.base
        width = settings.width
        self.fine = _pair(settings.in_channels // LEGS, one)
        self.middle = _pair(one, two)
        self.coarse = _pair(two, four)
        self.whole = nn.Conv2d(four, width, _COARSEST)
        self.meet = nn.Conv1d(LEGS * width, width, 1)
        self.along = nn.ModuleList(Dilated(width, step) for step in settings.dilations)
        self.norm = nn.GroupNorm(8, width)
        self.positions = nn.Conv1d(width, ANSWERS - 1, 1)
        self.tell = nn.Conv1d(width, four, 1)
        self.deep = _single(four, two)
        self.up_middle = _single(2 * two, one)
        self.up_fine = _single(2 * one, one)
        self.pixels = nn.Conv2d(one, 1, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        b, channels, n, rows, columns = inputs.shape
        legs = inputs.view(b, LEGS, channels // LEGS, n, rows, columns).transpose(2, 3)
        # Channels last: on a processor a training step takes two thirds of the time (docs/performance.md).
        sections = legs.flatten(0, 2).contiguous(memory_format=torch.channels_last)
        fine = self.fine(sections)
        middle = self.middle(functional.max_pool2d(fine, 2))
        coarse = self.coarse(functional.max_pool2d(middle, 2))
        course = self._course(coarse, b, n)
        told = self.tell(course).transpose(1, 2).flatten(0, 1)[:, :, None, None]
        x = self.deep(functional.relu(coarse + told))
        x = self.up_middle(torch.cat([functional.interpolate(x, scale_factor=2.0), middle], 1))
        x = self.up_fine(torch.cat([functional.interpolate(x, scale_factor=2.0), fine], 1))
        pixels = self.pixels(x).view(b, LEGS, 1, n, rows, columns)
        spread = self.positions(course).view(b, LEGS, -1, n, 1, 1)
        answers = [pixels, spread.expand(-1, -1, -1, -1, rows, columns)]
        return torch.cat(answers, 2).flatten(1, 2)

    def _course(self, coarse: Tensor, b: int, n: int) -> Tensor:
        """(B * LEGS, width, L) features of each section in its course, the other leg's beside it."""
        own = self.whole(functional.adaptive_avg_pool2d(coarse, _COARSEST)).view(b, LEGS, n, -1)
        both = torch.cat([own, own.flip(1)], dim=3).flatten(0, 1).transpose(1, 2)
        course = self.meet(both)
        for layer in self.along:
            course = layer(course)
        return functional.relu(self.norm(course))


class Dilated(nn.Module):
    """A residual convolution along the course."""

    def __init__(self, width: int, step: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv1d(width, width, 3, padding=step, dilation=step)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.conv(functional.relu(self.norm(x)))
        return out


def _single(into: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(into, out, 3, padding=1), nn.ReLU())


def _pair(into: int, out: int) -> nn.Sequential:
    return nn.Sequential(*_single(into, out), *_single(out, out))


COURSE_READER = register(
    NetworkSpec(
        name="course-reader",
        summary="sections along a vein, dilated convolutions along its course, both legs together",
        source="made for deepvein",
        settings=CourseReaderSettings,
        construct=CourseReader,
        transfer=Transfer(first="fine.0.weight", fresh=("positions.", "pixels.")),
    )
)
