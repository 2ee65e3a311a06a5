"""Soft Dice as Kozemzak et al. 2019 print it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from deepvein.training.losses.loss import LOSSES
from deepvein.training.losses.pixelwise import (
    overlaps,
)


@LOSSES.register("kozemzak-dice")
@dataclass(frozen=True)
class KozemzakDice:
    """-(2/N) (Σtp + 1) / (Σt + Σp + 1) with N the pixels of an image, averaged over the channels.

    As printed in Kozemzak et al. 2019, section 4.3.2. The factor 2/N scales the gradient by the size of
    the image: by 4e-5 at 224×224, where gradients of single weights lie near 1e-9. An optimiser that is
    not invariant to scale needs a learning rate to match, and Adam an epsilon well below that.

    over: the sums run over each image alone, or over the whole batch. The former is least for empty
    masks where most images show nothing: the 1 that smooths then is the whole numerator.
    """

    over: Literal["example", "batch"] = "example"

    def __call__(self, logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        both, either = overlaps(logits, targets, weights)
        if self.over == "batch":
            both, either = both.sum(0), either.sum(0)
        pixels = targets[0, 0].numel()
        return (-(2 / pixels) * (both + 1) / (either + 1)).mean()
