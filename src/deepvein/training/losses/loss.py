"""What training makes small: a loss is a frozen dataclass of its settings that is called with tensors.

All but cross-entropy take logits (B, C, *size) before the sigmoid and targets of the same shape with
values in [0, 1]. Cross-entropy takes logits (B, C, *size) before the softmax and class indices (B, *size),
where *size may be empty: one label an example.
`weights`, where given, broadcasts over the targets and multiplies each pixel's part: 0 where nothing is
known, such as (B, C, 1, 1) for channels that an example does not label. A loss is the mean over the
examples of the batch of their own losses, so that two batches weigh as one of twice the size (SoftDice
over the batch excepted). The result is a scalar of at least single precision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from deepvein.core.errors import SettingsError
from deepvein.core.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

Loss = Callable[["Tensor", "Tensor", "Tensor | None"], "Tensor"]
"""Called with logits, targets and weights or None; gives a scalar."""

_ROOM = "deepvein.training.losses"

LOSSES: Registry[type[Any]] = Registry(
    "loss",
    {
        "bce": f"{_ROOM}.bce",
        "focal": f"{_ROOM}.focal",
        "dice": f"{_ROOM}.dice",
        "kozemzak-dice": f"{_ROOM}.kozemzak_dice",
        "cross-entropy": f"{_ROOM}.cross_entropy",
        "focal+dice": f"{_ROOM}.focal_dice",
        "bce+dice": f"{_ROOM}.bce_dice",
    },
)
"""Dataclasses an instance of which is a `Loss`, one a file."""


def require(holds: bool, name: str, value: object, range_: str) -> None:
    """SettingsError that says what `name` must be, unless it holds."""
    if not holds:
        raise SettingsError(f"{name} must be {range_}, got {value}")
