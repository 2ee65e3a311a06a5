"""Signal equations of the two sequences."""

from __future__ import annotations

from math import cos, exp, radians, sin

from deepvein.phantoms.mr.settings import MrSettings


def spoiled_gradient_echo(
    t1_ms: float, t2_star_ms: float, proton_density: float, settings: MrSettings
) -> float:
    """Steady-state signal, M0 sin(a) (1 - E1) / (1 - cos(a) E1) exp(-TE/T2*), with E1 = exp(-TR/T1)."""
    e1 = exp(-settings.repetition_time_ms / t1_ms)
    angle = radians(settings.flip_angle_deg)
    steady = sin(angle) * (1 - e1) / (1 - cos(angle) * e1)
    return proton_density * steady * exp(-settings.echo_time_ms / t2_star_ms)


def spin_echo(t1_ms: float, t2_ms: float, proton_density: float, settings: MrSettings) -> float:
    """Signal of a spin echo at the effective echo time, M0 (1 - exp(-TR/T1)) exp(-TE/T2)."""
    recovered = 1 - exp(-settings.t2_repetition_time_ms / t1_ms)
    return proton_density * recovered * exp(-settings.t2_echo_time_ms / t2_ms)
