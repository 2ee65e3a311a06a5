"""The model card of a bundle: what it is for, what it learned from, what it reached and where it fails."""

from __future__ import annotations

from collections.abc import Sequence

from deepvein.screening.models import Bundle, Measurement
from deepvein.screening.outcome import Outcome

_FAILURES = 8
"""Lines of each kind of failure that a card shows."""


def card(bundle: Bundle, tested: Sequence[Outcome], command: str) -> str:
    """Markdown; `tested` are the outcomes that the bundle was measured on."""
    point = bundle.operating_point
    return "\n".join(
        [
            f"# {bundle.name} {bundle.version}",
            "",
            f"{bundle.summary}",
            "",
            "**Research use only. Not a medical device. Trained and measured on synthetic legs only:** the "
            "figures below prove software and method; they say nothing about patients.",
            "",
            "## Trained on",
            "",
            bundle.training_data,
            "",
            "Made by:",
            "",
            "```",
            command,
            "```",
            "",
            "## Measured",
            "",
            *(line for measured in bundle.measured for line in _table(measured)),
            f"Operating point “{point.name}”: a study is called suspicious from a probability of "
            f"{point.threshold:.3f}, chosen on {point.measured_on} (there: sensitivity "
            f"{_share(point.sensitivity)}, specificity {_share(point.specificity)}).",
            "",
            "Thrombus Dice is over studies with DVT. A finding is right if at least a tenth of it lies in a "
            "true thrombus. “Vein segments named” is the share of deep-vein voxels whose segment is named "
            "rightly. Intervals: 95 % bootstrap over patients.",
            "",
            "## Where it fails",
            "",
            *_failures(tested),
            "",
            "## Not known",
            "",
            "Everything about real patients: other contrast timing, metal, tumours, post-thrombotic veins, "
            "children, pregnancy, earlier surgery. Do not use it for diagnosis or treatment.",
            "",
            "Licence: Apache-2.0.",
            "",
        ]
    )


def _table(measured: Measurement) -> list[str]:
    lines = [
        f"On {measured.cohort}, {measured.with_dvt} of {measured.cases} with DVT:",
        "",
        "| measure | value | 95 % interval |",
        "|---|---|---|",
    ]
    for metric in measured.metrics:
        interval = "" if metric.low is None else f"{metric.low:.2f} to {metric.high:.2f}"
        lines.append(f"| {metric.name} | {metric.value:.3f} | {interval} |")
    return [*lines, ""]


def _failures(tested: Sequence[Outcome]) -> list[str]:
    missed = sorted(
        (
            (lesion.voxels, outcome, lesion.number)
            for outcome in tested
            for lesion in outcome.matching.lesions
            if lesion.probability is None
        ),
        key=lambda one: -one[0],
    )
    false = sorted(
        (
            (finding.probability, outcome, finding)
            for outcome in tested
            for finding, candidate in zip(
                outcome.findings, outcome.matching.candidates, strict=True
            )
            if not candidate.hits
        ),
        key=lambda one: -one[0],
    )
    lesions = sum(len(outcome.matching.lesions) for outcome in tested)
    lines = [f"Missed altogether: {len(missed)} of {lesions} thrombi. The largest:", ""]
    for voxels, outcome, number in missed[:_FAILURES]:
        volume = voxels * outcome.voxel_ml
        lines.append(f"- case {outcome.case.case}, thrombus {number}: {volume:.2f} ml")
    lines += ["", f"False findings: {len(false)} in {len(tested)} studies. The likeliest:", ""]
    for probability, outcome, finding in false[:_FAILURES]:
        lines.append(
            f"- case {outcome.case.case}: {finding.place}, {finding.volume_ml:.2f} ml, "
            f"probability {probability:.2f}"
        )
    return lines


def _share(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f}"
