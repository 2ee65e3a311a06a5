"""The volumetric sibling of Huang et al.'s network, which their section 5 asks for.

The same network as `gn-unet` in three dimensions, anisotropic: a chunk holds few slices, so that the
first and the last pooling keep them, and the convolutions of full size, which cost the most, stay
within the slice. At the default setting, input of 16 slices of 960×320:

| stage | kernel | output |
|---|---|---|
| C1–C2 | 1×3×3 | 32 × 16×960×320 |
| P1, pooling 1×2×2 | 3×3×3 | 64 × 16×480×160 |
| P2, pooling 2×2×2 | 3×3×3 | 128 × 8×240×80 |
| P3, pooling 2×2×2 | 3×3×3 | 256 × 4×120×40 |
| P4, pooling 1×2×2 | 3×3×3 | 256 × 4×60×20 |
| U1 … U4 | as on the way down | 256, 128, 64, 32; back to 16×960×320 |
| conv1 | 1×1×1 | 1 × 16×960×320 |

14,632,865 parameters. Slices must come in multiples of 4, rows and columns in multiples of 16.

Source: made for deepvein after Huang et al. 2019; anisotropic kernels and poolings as in nnU-Net
(Isensee et al., Nature Methods 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import USHAPED
from deepvein.networks.ushape import from_shape


@dataclass(frozen=True)
class GNUNet3DSettings(GNUNetSettings):
    """Those of `gn-unet`, with other defaults."""

    dimensions: Literal[2, 3] = 3
    pooling: tuple[tuple[int, ...], ...] = ((1, 2, 2), (2, 2, 2), (2, 2, 2), (1, 2, 2))
    kernels: tuple[tuple[int, ...], ...] = ((1, 3, 3), *((3, 3, 3),) * 4)
    max_channels: int = 256


GN_UNET_3D = register(
    NetworkSpec(
        name="gn-unet-3d",
        summary="volumetric U-Net with group normalisation and anisotropic kernels",
        source="made for deepvein after Huang et al. 2019, section 5",
        settings=GNUNet3DSettings,
        construct=from_shape,
        transfer=USHAPED,
    )
)
