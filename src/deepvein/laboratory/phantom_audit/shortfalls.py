"""What the phantoms do not reach of what they should."""

from __future__ import annotations

from collections.abc import Iterator

from deepvein.laboratory.phantom_audit import blind, dark_reader
from deepvein.laboratory.phantom_audit.audit import Audit


def shortfalls(made: Audit) -> list[str]:
    """One sentence for each demand that an audit does not meet; empty if it meets all.

    (a) and (c): the AUROC is at most 0.80 and 0.60; (b): the figure that the anatomy of disease gives lies
    within the reader's interval; (d) and (e): the whole interval of gain and loss lies above 0.
    """
    name = f"{made.settings.modality.value} {made.settings.difficulty}"
    return [f"{name}: {sentence}" for sentence in _sentences(made)]


def _sentences(made: Audit) -> Iterator[str]:
    dark, hidden, position = made.dark_reader.auroc, made.blind.auroc, made.position_reader
    if dark.value > dark_reader.LIMIT:
        yield f"(a) the darkest vein gives {dark.value:.2f}, above {dark_reader.LIMIT:.2f}."
    reach = position.by_landmark
    if not reach.low <= position.expected.value <= reach.high:
        yield (
            f"(b) position gives {reach.value:.2f} where the anatomy of disease gives "
            f"{position.expected.value:.2f}."
        )
    if hidden.value > blind.LIMIT:
        yield f"(c) without the veins {hidden.value:.2f} is reached, above {blind.LIMIT:.2f}."
    gain, loss = made.neighbours.gain, made.centres.mean_loss
    if not gain.low > 0:
        yield f"(d) that neighbours help is not sure: {gain.value:.2f} ({gain.low:.2f} to {gain.high:.2f})."
    if not loss.low > 0:
        yield (
            f"(e) that other centres are harder is not sure: {loss.value:.2f} ({loss.low:.2f} to "
            f"{loss.high:.2f})."
        )
