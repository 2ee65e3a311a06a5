"""How MR venography is acquired: the settings of a protocol."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deepvein.core.errors import SettingsError

Range = tuple[float, float]

RESOLUTIONS_MM: dict[str, tuple[float, float, float]] = {
    "fast": (1.0, 1.0, 1.5),
    "paper": (0.75, 0.55, 0.6),
    "slab": (0.69, 0.69, 6.0),
}
"""Voxel edges (row, column, slice) by name: for quick work; Huang 2019; anisotropic slabs of 6 mm as seen
in practice (turned to coronal)."""

_POSITIVE = (
    "field_t",
    "repetition_time_ms",
    "echo_time_ms",
    "flip_angle_deg",
    "t2_repetition_time_ms",
    "t2_echo_time_ms",
    "row_mm",
    "column_mm",
    "slice_mm",
)
_SHARES = (
    "fat_failure",
    "water_swap_share",
    "motion_share",
    "wrap_share",
    "arms_share",
    "early_share",
    "late_share",
)
_RANGES = ("vein_snr", "fat_suppression", "bias", "softness", "distortion_mm", "pulsation")


@dataclass(frozen=True)
class MrSettings:
    """A protocol; ranges are drawn from for each study.

    Spoiled gradient echo: field_t, repetition_time_ms, echo_time_ms, flip_angle_deg (Huang 2019: 1.5 T,
    3.17 ms, 1.13 ms, 25 degrees). Second sequence: fast spin echo, t2_repetition_time_ms, t2_echo_time_ms.
    row_mm (along the body), column_mm and slice_mm (front to back): voxel edges. overlap_mm: of
    neighbouring stations. coverage: lowest and highest landmark coordinate.
    vein_snr: signal-to-noise ratio of a well-filled vein. fat_suppression: part of the fat signal that is
    removed where the magnet is well shimmed. fat_failure: chance that suppression fails at each of the
    places where the field is uneven. water_swap_share: studies in which water is suppressed somewhere
    instead of fat. bias: part of the coils' falloff that is left uncorrected. softness: weight of a
    pixel's neighbours in it, along the body and across, as pictures are interpolated from fewer samples.
    station_gain_sd: sigma of the stations' receiver gains. distortion_mm: displacement at a station's
    ends by uneven gradients. shift_mm: SD of the person's movement between stations. pulsation: strength
    of the arteries' ghosts over their signal. motion_share: stations blurred by movement. wrap_share:
    studies with a field of view narrower than the body; arms_share: with arms beside it. early_share,
    late_share: studies taken while the arteries are brighter than the veins, and when the contrast medium
    has left.
    manufacturer, model: what the DICOM header says; both are fictional.
    """

    field_t: float = 1.5
    repetition_time_ms: float = 3.17
    echo_time_ms: float = 1.13
    flip_angle_deg: float = 25.0
    second_sequence: bool = False
    t2_repetition_time_ms: float = 4000.0
    t2_echo_time_ms: float = 80.0
    row_mm: float = 1.0
    column_mm: float = 1.0
    slice_mm: float = 1.5
    stations: int = 3
    overlap_mm: float = 45.0
    coverage: Range = (0.05, 3.05)
    vein_snr: Range = (20.0, 45.0)
    fat_suppression: Range = (0.78, 0.96)
    fat_failure: float = 0.35
    water_swap_share: float = 0.02
    bias: Range = (0.25, 0.65)
    softness: Range = (0.0, 0.14)
    station_gain_sd: float = 0.12
    distortion_mm: Range = (0.5, 4.0)
    shift_mm: float = 1.0
    pulsation: Range = (0.0, 0.10)
    motion_share: float = 0.06
    wrap_share: float = 0.12
    arms_share: float = 0.25
    early_share: float = 0.10
    late_share: float = 0.08
    manufacturer: str = "deepvein"
    model: str = "synthetic legs"

    def __post_init__(self) -> None:  # noqa: C901  (one check after another)
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} must be larger than 0, got {getattr(self, name)}")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        for name in _RANGES:
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise SettingsError(f"{name} must run upwards from 0, got {(low, high)}")
        if self.early_share + self.late_share > 1:
            raise SettingsError("early_share and late_share must not exceed 1 together")
        if self.fat_suppression[1] > 1 or self.bias[1] > 1:
            raise SettingsError("fat_suppression and bias are parts of 1, they must not exceed it")
        if self.softness[1] > 1 / 3:
            raise SettingsError(f"softness must not exceed 1/3, got {self.softness}")
        if not 1 <= self.stations <= 4:
            raise SettingsError(f"stations must lie between 1 and 4, got {self.stations}")
        if self.coverage[0] >= self.coverage[1]:
            raise SettingsError(f"coverage must run upwards, got {self.coverage}")
        if not 0.2 <= self.field_t <= 3.0:
            raise SettingsError(f"field_t must lie between 0.2 and 3 T, got {self.field_t}")

    def at(self, resolution: str) -> MrSettings:
        """The same protocol with the voxels of a name of RESOLUTIONS_MM."""
        if resolution not in RESOLUTIONS_MM:
            known = ", ".join(RESOLUTIONS_MM)
            raise SettingsError(f"unknown resolution {resolution!r} (known: {known})")
        row, column, depth = RESOLUTIONS_MM[resolution]
        return replace(self, row_mm=row, column_mm=column, slice_mm=depth)


DEFAULT = MrSettings()
