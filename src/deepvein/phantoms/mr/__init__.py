"""Contrast-enhanced MR venography: how a scenario becomes coronal stations of signal."""

from deepvein.phantoms.mr.centres import CENTRES
from deepvein.phantoms.mr.palette import MrPalette, T2Palette
from deepvein.phantoms.mr.render import MrVolumes, render_mr
from deepvein.phantoms.mr.scan import MrScan, Station, sample_mr
from deepvein.phantoms.mr.settings import RESOLUTIONS_MM, MrSettings

__all__ = [
    "CENTRES",
    "RESOLUTIONS_MM",
    "MrPalette",
    "MrScan",
    "MrSettings",
    "MrVolumes",
    "Station",
    "T2Palette",
    "render_mr",
    "sample_mr",
]
