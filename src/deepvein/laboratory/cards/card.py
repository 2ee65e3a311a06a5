"""The model card of a bundle: what it is for, what it learned from, what it reached and where it fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from deepvein.core.files import write_bytes, write_text
from deepvein.laboratory.cards.card_tables import measured_tables, not_reached
from deepvein.laboratory.cards.curves_figure import draw_curves
from deepvein.laboratory.cards.failures_figure import draw_failures
from deepvein.laboratory.trials.outcome import Outcome
from deepvein.reports.texts import FIGURES, NO_INTERVAL
from deepvein.screening.bundle import Bundle, Measurement
from deepvein.studies.study import Modality

CARD, CURVES, FAILURES = "CARD.md", "curves.png", "failures.png"

_MOST = 8
"""Lines of each kind of failure that a card shows."""


def write_card(bundle: Bundle, tested: Sequence[Outcome], command: str, folder: Path) -> Path:
    """CARD.md and its pictures in `folder`; `tested` are the outcomes of the first measurement."""
    _draw(tested, bundle.measured[0], bundle, folder)
    path = folder / CARD
    write_text(path, card(bundle, tested, command))
    return path


def write_account(
    bundle: Bundle, measured: Measurement, tested: Sequence[Outcome], folder: Path
) -> Path:
    """What a bundle reached on another cohort: MEASURED.md and its pictures in `folder`."""
    _draw(tested, measured, bundle, folder)
    path = folder / "MEASURED.md"
    lines = [
        f"# {bundle.name} {bundle.version} on other cases",
        "",
        f"**{FIGURES}**",
        "",
        *_account(bundle, measured, tested),
    ]
    write_text(path, "\n".join(lines))
    return path


def card(bundle: Bundle, tested: Sequence[Outcome], command: str) -> str:
    """Markdown; `tested` are the outcomes of the first measurement, further ones are tables alone."""
    return "\n".join(
        [
            f"# {bundle.name} {bundle.version}",
            "",
            f"{bundle.summary}",
            "",
            _OF_SYNTHETIC if _is_synthetic(bundle) else _OF_PATIENTS,
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
            *(
                line
                for measured in bundle.measured[:1]
                for line in _account(bundle, measured, tested)
            ),
            *_elsewhere(bundle),
            "## Not known",
            "",
            _NOT_KNOWN if _is_synthetic(bundle) else _NOT_KNOWN_OF_PATIENTS,
            "",
            "Licence: Apache-2.0.",
            "",
        ]
    )


_SYNTHETIC = re.compile("synthetic|phantom")
_OF_SYNTHETIC = (
    "**Research use only. Not a medical device. Trained and measured on synthetic legs only:** the "
    "figures below prove software and method; they say nothing about patients."
)
_OF_PATIENTS = (
    "**Research use only. Not a medical device.** The figures below hold for patients, scanners and protocols "
    "such as these alone."
)
_NOT_KNOWN_OF_PATIENTS = (
    "How it does elsewhere: other scanners, protocols, prevalence, readers. Do not use it for diagnosis or "
    "treatment."
)
_NOT_KNOWN = (
    "Everything about real patients. The phantoms hold what was thought of: contrast timing, metal, "
    "chronic thrombi, swelling and look-alikes as far as published numbers describe them. Tumours, "
    "children, pregnancy and earlier surgery are not among them. Do not use it for diagnosis or treatment."
)

_READING = (
    "Dice of deep veins and thrombi are means over studies (thrombi: over those with DVT) at probability "
    "0.5; clDice is that of the centrelines. “Vein segments named” is the share of deep-vein voxels whose "
    "segment is named rightly. A finding is right if at least a tenth of it lies in a true thrombus. Where "
    "no rate is named, only findings that would be reported count; lesion Dice is that of each thrombus with "
    "the findings that hit it, 0 for a missed one. Calibration errors are mean distances between "
    "probability and frequency in five bins, 0 is best. Intervals: 95 % bootstrap over patients. "
    f"{NO_INTERVAL}"
)


def _account(bundle: Bundle, measured: Measurement, tested: Sequence[Outcome]) -> list[str]:
    point = bundle.operating_point
    return [
        "## Measured",
        "",
        *measured_tables(measured, bundle.modality),
        *_verdict(measured, bundle.modality),
        f"Operating point “{point.name}”: a study is called suspicious from a probability of "
        f"{point.threshold:.3f}, chosen on {point.measured_on} (there: sensitivity "
        f"{_share(point.sensitivity)}, specificity {_share(point.specificity)}). Findings of "
        f"{bundle.detection.least_probability:.2f} or more are reported.",
        "",
        _READING,
        "",
        f"![FROC, ROC and reliability]({CURVES})",
        "",
        "## Where it fails",
        "",
        *_failures(tested),
        "",
    ]


def _is_synthetic(bundle: Bundle) -> bool:
    """Whether it was measured on synthetic studies, as its first measurement says; so it is without one."""
    return not bundle.measured or bool(_SYNTHETIC.search(bundle.measured[0].cohort))


def _elsewhere(bundle: Bundle) -> list[str]:
    """Tables of what the bundle was measured on beside its test cohort."""
    tables = [measured_tables(measured, bundle.modality) for measured in bundle.measured[1:]]
    return (
        ["## Measured on other legs", "", *(line for t in tables for line in t)] if tables else []
    )


def _verdict(measured: Measurement, modality: Modality) -> list[str]:
    missed = not_reached(measured, modality)
    if not missed:
        return []
    return ["**Not reached:** " + "; ".join(missed) + ".", ""]


def _failures(tested: Sequence[Outcome]) -> list[str]:
    missed = sorted(
        ((one, outcome) for outcome in tested for one in outcome.missed),
        key=lambda item: -item[0].truth.volume_ml,
    )
    false = sorted(
        (
            (finding, share, outcome)
            for outcome in tested
            for finding, share in outcome.false_findings
        ),
        key=lambda item: -item[0].probability,
    )
    every = sum(len(outcome.thrombi) for outcome in tested)
    lines = [f"Missed altogether: {len(missed)} of {every} thrombi."]
    if missed:
        lines += ["The largest:", ""]
    lines += [f"- case {outcome.case.case}: {one.text}" for one, outcome in missed[:_MOST]]
    lines += ["", f"False findings: {len(false)} in {len(tested)} studies."]
    if false:
        lines += ["The likeliest:", ""]
    for finding, share, outcome in false[:_MOST]:
        lines.append(
            f"- case {outcome.case.case}: {finding.place}, {finding.volume_ml:.2f} ml, probability "
            f"{finding.probability:.2f}, {100 * share:.0f} % of it in a true deep vein"
        )
    lines += [""]
    if any(outcome.snapshots for outcome in tested):
        lines += [
            "Axial sections of 90 mm without and with outlines: what is true in green, what was found in "
            "red, the true deep veins in thin blue.",
            "",
            f"![the worst failures]({FAILURES})",
        ]
    return lines


def _draw(tested: Sequence[Outcome], measured: Measurement, bundle: Bundle, folder: Path) -> None:
    write_bytes(folder / CURVES, draw_curves(tested, measured, bundle.operating_point))
    failures = draw_failures(tested)
    if failures is None:
        (folder / FAILURES).unlink(missing_ok=True)  # that of an earlier measurement
    else:
        write_bytes(folder / FAILURES, failures)


def _share(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f}"
