"""How numbers are said to people."""

from __future__ import annotations

from deepvein.anatomy.veins import Side
from deepvein.findings.finding import Finding, Occlusion

NOT_A_DEVICE = "Research use only – not a medical device"
SYNTHETIC = "Synthetic study: made by a computer program, not acquired from a person"
FIGURES = (
    "Research use only. Not a medical device. Figures from synthetic legs prove software and method; they say "
    "nothing about patients."
)
"""Above figures of cases that may be synthetic."""
NO_INTERVAL = (
    "A value stands without an interval where every resampling of the cases gave the same, as with one case "
    "or where all agree: that does not tell how others differ."
)


def encoded(text: str) -> bytes:
    """UTF-8 of a text; what has no UTF-8, as in a file's name that is none, becomes a question mark."""
    return text.encode("utf-8", errors="replace")


def percent(probability: float | None) -> str:
    """A probability as a whole percentage that never claims certainty; a dash for None."""
    if probability is None:
        return "–"
    if probability < 0.01:
        return "< 1 %"
    if probability > 0.99:
        return "> 99 %"
    return f"{probability:.0%}".replace("%", " %")


def exact_percent(probability: float) -> str:
    """A probability as a percentage with two decimals, where whole ones hide a difference."""
    return f"{probability:.2%}".replace("%", " %")


def millimetres(value: float) -> str:
    """A length in whole millimetres; to a tenth below 10."""
    return f"{value:.0f} mm" if value >= 10 else f"{value:.1f} mm"


def millilitres(value: float) -> str:
    """A volume to a tenth of a millilitre; to a hundredth below 0.1."""
    return f"{value:.1f} ml" if value >= 0.1 else f"{value:.2f} ml"


def position(point_mm: tuple[float, float, float]) -> str:
    """An LPS position as scanners show it: L or R, P or A, S (head) or I (feet), in mm."""
    signs = (("R", "L"), ("A", "P"), ("I", "S"))
    parts = [
        f"{names[value >= 0]} {abs(value):.1f}"
        for names, value in zip(signs, point_mm, strict=True)
    ]
    return f"{', '.join(parts)} mm"


def level(value_mm: float) -> str:
    """A position along the body, with a true minus sign."""
    return f"{value_mm:.0f}".replace("-", "−")


def person(name: str) -> str:
    """A DICOM person name (family^given^middle^prefix^suffix) as people write it: of its groups
    (alphabetic=ideographic=phonetic) the first that says something."""
    group = next((group for group in name.split("=") if group.strip("^ ")), "")
    family, *rest = group.split("^")
    given = " ".join(part for part in rest if part)
    return f"{family}, {given}" if family and given else family or given


def date(value: str) -> str:
    """A DICOM date as ISO 8601; anything else as it is."""
    if len(value) == 8 and value.isdigit():
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return value


def age(value: str) -> str:
    """A DICOM age such as 063Y in words; anything else as it is."""
    units = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
    if len(value) == 4 and value[:3].isdigit() and value[3] in units:
        return f"{int(value[:3])} {units[value[3]]}"
    return value


def side_letter(finding: Finding) -> str:
    """L or R, or nothing where the side is not known."""
    return {Side.LEFT: "L", Side.RIGHT: "R"}.get(finding.side, "")


def short_veins(finding: Finding, most: int = 3) -> str:
    """The abbreviations of up to `most` veins, such as `FV, POPV`; `vein` where none is named."""
    names = [share.segment.term.abbreviation for share in finding.segments]
    return ", ".join(names[:most]) + (" …" if len(names) > most else "") or "vein"


def short_place(finding: Finding) -> str:
    """Side and veins for labels, such as `L FV, POPV`."""
    return f"{side_letter(finding)} {short_veins(finding)}".strip()


def occlusion_word(finding: Finding) -> str:
    """Occlusion in a word or two that fit into a column."""
    known = finding.occlusion is not Occlusion.UNDETERMINED
    return finding.occlusion.value if known else "not known"


def occlusion(finding: Finding) -> str:
    """Occlusion with the occluded share of the section."""
    if finding.occlusion is Occlusion.UNDETERMINED:
        return f"{occlusion_word(finding)}, too few pixels across"
    return f"{finding.occlusion.value}, {finding.occluded_fraction:.0%} of the section".replace(
        "%", " %"
    )
