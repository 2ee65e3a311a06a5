"""Three fictional centres whose MR protocols differ, for training on some and testing on another."""

from __future__ import annotations

from deepvein.phantoms.mr.settings import MrSettings

CENTRES: dict[str, MrSettings] = {
    # The published protocol (Huang 2019) at 1.5 T, at a resolution that renders quickly; for its
    # 0.75 x 0.55 x 0.6 mm voxels: CENTRES["A"].at("paper").
    "A": MrSettings(manufacturer="Aurora Imaging", model="Meridian 1.5T"),
    # A newer 3 T scanner: finer, more signal, steeper bias and more trouble with the shim.
    "B": MrSettings(
        field_t=3.0,
        repetition_time_ms=4.1,
        echo_time_ms=1.45,
        flip_angle_deg=18.0,
        t2_repetition_time_ms=4500.0,
        t2_echo_time_ms=72.0,
        row_mm=0.95,
        column_mm=0.95,
        slice_mm=1.4,
        stations=4,
        overlap_mm=60.0,
        vein_snr=(32.0, 60.0),
        fat_suppression=(0.88, 0.98),
        fat_failure=0.5,
        bias=(0.4, 0.8),
        softness=(0.0, 0.08),
        distortion_mm=(0.3, 2.5),
        pulsation=(0.02, 0.14),
        early_share=0.2,
        late_share=0.03,
        manufacturer="Borealis Medical",
        model="Tundra 3T",
    ),
    # An old 1.5 T scanner: thick slabs, little signal, weak fat suppression, late pictures.
    "C": MrSettings(
        repetition_time_ms=5.2,
        echo_time_ms=1.9,
        flip_angle_deg=30.0,
        t2_repetition_time_ms=3600.0,
        t2_echo_time_ms=95.0,
        row_mm=1.2,
        column_mm=1.0,
        slice_mm=3.0,
        overlap_mm=26.0,
        vein_snr=(14.0, 28.0),
        fat_suppression=(0.66, 0.9),
        fat_failure=0.4,
        bias=(0.3, 0.9),
        softness=(0.1, 0.22),
        station_gain_sd=0.2,
        distortion_mm=(1.5, 6.0),
        shift_mm=1.8,
        motion_share=0.12,
        wrap_share=0.25,
        early_share=0.04,
        late_share=0.25,
        manufacturer="Cirrus Systems",
        model="Delta 1.5T",
    ),
}
"""Protocols by centre: "A", "B", "C"."""
