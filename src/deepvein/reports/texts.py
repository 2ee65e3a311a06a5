"""How numbers are said to people."""

from __future__ import annotations

from deepvein.anatomy.veins import Side
from deepvein.findings.finding import Finding

NOT_A_DEVICE = "Research use only – not a medical device"
SYNTHETIC = "Synthetic study: made by a computer program, not acquired from a person"


def percent(probability: float | None) -> str:
    """A probability as a whole percentage that never claims certainty; a dash for None."""
    if probability is None:
        return "–"
    if probability < 0.01:
        return "< 1 %"
    if probability > 0.99:
        return "> 99 %"
    return f"{probability:.0%}".replace("%", " %")


def millimetres(value: float) -> str:
    return f"{value:.0f} mm" if value >= 10 else f"{value:.1f} mm"


def millilitres(value: float) -> str:
    return f"{value:.1f} ml" if value >= 0.1 else f"{value:.2f} ml"


def position(point_mm: tuple[float, float, float]) -> str:
    """An LPS position as scanners show it: L or R, P or A, S (head) or I (feet), in mm."""
    signs = (("R", "L"), ("A", "P"), ("I", "S"))
    parts = [
        f"{names[value >= 0]} {abs(value):.1f}"
        for names, value in zip(signs, point_mm, strict=True)
    ]
    return f"{', '.join(parts)} mm"


def short_place(finding: Finding) -> str:
    """Side and abbreviations for pictures, such as `L FV, POPV`; `L vein` where none is named."""
    letter = {Side.LEFT: "L ", Side.RIGHT: "R "}.get(finding.side, "")
    names = [share.segment.term.abbreviation for share in finding.segments]
    return letter + (", ".join(names[:3]) + (" …" if len(names) > 3 else "") or "vein")


def occlusion(finding: Finding) -> str:
    """Occlusion with the occluded share of the section."""
    return f"{finding.occlusion.value}, {finding.occluded_fraction:.0%} of the section".replace(
        "%", " %"
    )
