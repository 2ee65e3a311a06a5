"""Tables, figures and the page, drawn anew from what the study's folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepvein.core.provenance import provenance
from deepvein.laboratory import claims
from deepvein.laboratory.huang2019 import published, tables
from deepvein.laboratory.huang2019.claims import claims as claimed
from deepvein.laboratory.huang2019.drawn import Drawn, best, caption, draw_figures, typical
from deepvein.laboratory.huang2019.experiments import (
    MODEL_NAMES,
    NAMES,
    PROPOSED,
    Run,
    experiments,
)
from deepvein.laboratory.huang2019.peer import PEER, budget, label, peer_trainings
from deepvein.laboratory.huang2019.rates import rates_table
from deepvein.laboratory.huang2019.results import PatientResult, by_patient, column, read_results
from deepvein.laboratory.huang2019.work import GENERATIONS, RESULTS
from deepvein.laboratory.report_page import Chapter, Exhibit, Numbers, Page, cohort_name, write_page
from deepvein.laboratory.steps import DONE, Standing

if TYPE_CHECKING:
    from deepvein.laboratory.huang2019.study import Study

Results = Mapping[str, Sequence[PatientResult]]

_INTRODUCTION = """Every table and figure of the paper beside ours, from the same protocol: whole coronal \
slices, min–max normalisation, twelve fixed variants of each slice, focal loss, cross-validation by patient, \
scores of each patient over all of their slices, two-sided paired Wilcoxon tests.

A lesion is what of a patient's thrombi lies above, or below, the end of the popliteal vein."""

_SYNTHETIC_PATIENTS = """What differs follows from what the paper leaves open. An image shows one leg with its \
three stations merged: 345 × 0.55 mm are 190 mm, one leg's width, and 961 × 0.75 mm are 721 mm, groin to lower \
calf. Every patient has one thrombosed leg. The ground truth is the consensus of two simulated readers."""

_FIELD_NUMBERS: Numbers = (
    ("columns of an image", "345"), ("width of a voxel, mm", "0.55"), ("width, mm", "190"),
    ("rows of an image", "961"), ("height of a voxel, mm", "0.75"), ("height, mm", "721"),
)  # fmt: skip

_EMPTY_RULE = (
    "Empty masks: where neither the ground truth nor the prediction holds a voxel a score is 1; otherwise a "
    "ratio with denominator 0 is 0. Surface distances are left out where one mask is empty, and n tells of "
    "how many patients the mean is."
)
_RULE_NUMBERS: Numbers = (("score of two empty masks", "1"), ("ratio with denominator nought", "0"))
_QUESTIONS = (
    ("losses", "Losses", "The loss on the same network, images and steps. The paper names the focal loss as "
     "the second reason for its result and does not compare it.", "focal, γ 2, α 0.75"),
    ("normalisation", "Group against batch normalisation", "The paper's argument: statistics of a batch of "
     "two are poor, those of a group of channels do not depend on the batch. All three are trained with "
     "batches of two.", "group normalisation"),
    ("volume", "Slices against volumes", "The volumetric sibling, which Section 5 of the paper asks for, has "
     "seen as many slices as the network of single ones.", "GN U-Net, single slices"),
    ("sequences", "A second sequence", "T2-weighted fast spin echo as a second channel (Section 5).",
     "CE-MRI alone"),
    ("curve", "Learning curve", "The proposed network with parts of the training patients: what more "
     "annotated patients would bring.", "all of them"),
)  # fmt: skip


def write_report(study: Study, standing: Standing) -> Path:
    """Tables (CSV, Markdown, LaTeX), figures (PNG, SVG) and index.html in `study.out`; the page's path."""
    results = gathered(study.out, study.runs)
    drawn = draw_figures(study, results)
    results = {name: by_patient(rows) for name, rows in results.items()}  # the unit of every score
    chapters = [
        _comparison(results, study, drawn),
        *_peer(results, study),
        _examples(results, drawn),
        _further(results, study),
        *_questions(results, study),
        claims.chapter(claimed(results)),
    ]
    synthetic = study.cohort is None
    page = Page(
        title="Thrombus segmentation in MR venography: Huang et al. 2019, redrawn",
        source=published.CITATION,
        profile=study.profile.statement if synthetic else _own_statement(study),
        introduction=_INTRODUCTION + (f"\n\n{_SYNTHETIC_PATIENTS}" if synthetic else ""),
        chapters=chapters,
        facts=_facts(study, results, standing),
        synthetic=synthetic,
        numbers=_FIELD_NUMBERS if synthetic else (),
    )
    return write_page(page, study.out)


def gathered(out: Path, wanted: Sequence[Run]) -> dict[str, list[PatientResult]]:
    """Rows of all finished trainings by experiment, and those of a peer where it has been run."""
    found: dict[str, list[PatientResult]] = {}
    for run in wanted:
        folder = out / run.name
        if (folder / DONE).exists():
            found.setdefault(run.experiment.name, []).extend(read_results(folder / RESULTS))
    for path in sorted((out / PEER).glob(f"*/{RESULTS}")):
        found.setdefault(PEER, []).extend(read_results(path))
    return found


def _comparison(results: Results, study: Study, drawn: Mapping[str, Drawn]) -> Chapter:
    proposed = results.get(PROPOSED, ())
    names = MODEL_NAMES
    missing = _missing(study, "models")
    one = Exhibit(
        "Table 1: the proposed network by level",
        published.first_table(),
        tables.first_table(proposed) if proposed else None,
        missing=missing,
    )
    two = Exhibit(
        "Table 2: the proposed network and others",
        published.second_table(),
        tables.second_table(results, names, PROPOSED) if any(n in results for n in names) else None,
        drawn["networks"].path if "networks" in drawn else None,
        "Every patient's DSC by network; boxes from quartile to quartile with the median.",
        missing=missing,
    )
    exhibits = [one, two]
    rates = rates_table(study.profile, study.out)
    if rates is not None:
        text = "Dice of all pixels of the second fold's patients, by learning rate, after the same few steps."
        exhibits.append(Exhibit("Learning rates", ours=rates, caption=text))
    return Chapter("Tables 1 and 2", _EMPTY_RULE, tuple(exhibits), _RULE_NUMBERS)


def _peer(results: Results, study: Study) -> list[Chapter]:
    """nnU-Net by itself: in Table 2 it would pass for one that was trained as it should be."""
    if PEER not in results or PROPOSED not in results:
        return []
    trainings = peer_trainings(study.out)
    seconds = budget(trainings)
    own = f"{NAMES['gn-unet']} after {seconds} s a fold" if seconds else NAMES["gn-unet"]
    names = {PEER: label(trainings), PROPOSED: own}
    text = (
        "nnU-Net was given the folds and about the time of the proposed network. It is made for days on a "
        "graphics processor: this says what it does with that budget and nothing about it after a proper "
        "training."
    )
    return [
        Chapter(
            "A peer on the same budget",
            text,
            (
                Exhibit("nnU-Net v2: scores", ours=tables.second_table(results, names, PROPOSED)),
                Exhibit("nnU-Net v2, further scores", ours=tables.beyond_table(results, names)),
            ),
        )
    ]


def _examples(results: Results, drawn: Mapping[str, Drawn]) -> Chapter:
    rows = results.get(PROPOSED, ())
    high, low = (sum(row.dice > 0.9 for row in rows), sum(row.dice < 0.6 for row in rows))
    high_caption, high_numbers = caption(drawn, "figure-2", best(rows))
    both_caption, both_numbers = caption(drawn, "figure-4", typical(rows))
    return Chapter(
        "Figures 2, 3 and 4",
        "Predictions are red, the ground truth is green.",
        (
            Exhibit(
                "Figure 2: segmentation with high accuracy",
                figure=drawn["figure-2"].path if "figure-2" in drawn else None,
                caption=high_caption,
                told="Published: an example with a DSC of 0.94 (0.92 in the text).",
                numbers=(("published DSC", "0.94"), ("published DSC, text", "0.92"), *high_numbers),
            ),
            Exhibit(
                "Figure 3: thrombus volume and DSC",
                figure=drawn["figure-3"].path if "figure-3" in drawn else None,
                caption=f"Each point is a patient. Ours: {high} of {len(rows)} above 0.90, {low} below 0.60.",
                told="Published: 2 of 58 patients above 0.90, 7 below 0.60; the four below 0.50 had thrombi "
                "in the calf alone.",
                numbers=(
                    ("high DSC", "0.90"), ("low DSC", "0.60"), ("very low DSC", "0.50"),
                    ("published patients", "58"), ("published, high", "2"), ("published, low", "7"),
                    ("our patients", str(len(rows))), ("ours, high", str(high)), ("ours, low", str(low)),
                ),
            ),
            Exhibit(
                "Figure 4: thrombi above and below the knee",
                figure=drawn["figure-4"].path if "figure-4" in drawn else None,
                caption=both_caption,
                told="Published: an example with a DSC of 0.78, 0.92 above and 0.57 below the knee.",
                numbers=(
                    ("published DSC", "0.78"), ("published DSC above", "0.92"),
                    ("published DSC below", "0.57"), *both_numbers,
                ),
            ),
        ),
    )  # fmt: skip


def _further(results: Results, study: Study) -> Chapter:
    names = MODEL_NAMES
    made = tables.beyond_table(results, names) if any(n in results for n in names) else None
    text = (
        "Intervals are bootstraps over patients. A lesion is found if a tenth or more of a predicted piece "
        "lies in it. The paper's speed: 1.5 s a slice on a GTX 1080 Ti, in another place 13.5 s for around "
        "90 slices."
    )
    numbers = (
        ("published s a slice", "1.5"), ("published processor", "1080"),
        ("published s a patient", "13.5"), ("published slices a patient", "90"),
    )  # fmt: skip
    return Chapter(
        "What the field asks beyond the paper",
        text,
        (Exhibit("Further scores", ours=made, missing=_missing(study, "models")),),
        numbers,
    )


def _questions(results: Results, study: Study) -> list[Chapter]:
    """A chapter for each question beyond the paper's tables that the profile asks."""
    labels = {one.name: one.label for one in experiments(study.profile)}
    asked = {run.experiment.chapter for run in study.runs}
    out = []
    for kind, title, text, first in _QUESTIONS:
        if kind not in asked:
            continue
        base = PROPOSED if kind != "normalisation" else "normalisation/group"
        names = {base: first} | {n: t for n, t in labels.items() if n.startswith(f"{kind}/")}
        others = [name for name in names if name != base and name in results]
        table = tables.question_table(title, results, names) if others else None
        out.append(
            Chapter(title, text, (Exhibit(title, ours=table, missing=_missing(study, kind)),))
        )
    held_out = results.get("centres/gn-unet", ())
    table = tables.centre_table(held_out, results.get(PROPOSED, ())) if held_out else None
    text = "Each centre is tested by a network that was trained on the others (Section 5)."
    if study.cohort is None:
        text += " The three differ in scanner, field strength, fat suppression, voxels and contrast timing."
    title = "Leave one centre out"
    out.append(
        Chapter(title, text, (Exhibit(title, ours=table, missing=_missing(study, "centres")),))
    )
    return out


def _missing(study: Study, chapter: str) -> str:
    wanted = [run for run in study.runs if run.experiment.chapter == chapter]
    left = [run for run in wanted if not (study.out / run.name / DONE).exists()]
    if not wanted:
        return "Not run."
    if not left:
        return ""
    return f"{len(left)} of {len(wanted)} trainings are not finished yet; the same command goes on."


def _own_statement(study: Study) -> str:
    """What stands in place of a profile's own sentence, which speaks of the paper's patients."""
    return (
        f"The cohort {cohort_name(study.cohort, GENERATIONS)}, with the image size, the width of the networks "
        f"and the training steps of the {study.profile.name} profile."
    )


def _facts(study: Study, results: Results, standing: Standing) -> tuple[tuple[str, str], ...]:
    patients = study.patients
    rows = results.get(PROPOSED, ())
    slices = int(column(rows, "slices").sum()) if rows else 0
    positive = int(column(rows, "positive_slices").sum()) if rows else 0
    above = int(np.isfinite(column(rows, "dice_proximal")).sum()) if rows else 0
    below = int(np.isfinite(column(rows, "dice_distal")).sum()) if rows else 0
    p = study.profile
    made = provenance()
    without = study.left_out
    left = (("Left out", f"studies without a thrombus map or has_dvt=false: {without}"),)
    steps = f"{p.epochs} epochs of {p.steps or 'all'} steps of {p.batch} slices"
    return (
        ("Profile", p.name),
        ("Cohort", cohort_name(study.cohort, GENERATIONS)),
        ("Patients", f"{len(patients.patients)} (published: {published.PATIENTS})"),
        *(left if without else ()),
        (
            "Tested so far",
            f"{len(rows)} patients, {slices:,} slices, {positive:,} with thrombus (published: "
            f"{published.SLICES:,} and {published.THROMBUS_SLICES:,}), {above} proximal and {below} distal "
            f"{tables.level_unit(rows)} (published: {published.PROXIMAL_LESIONS} and "
            f"{published.DISTAL_LESIONS} lesions)",
        ),
        ("Image size", f"{p.size[0]}×{p.size[1]} (published: 960×320)"),
        (
            "Networks' width",
            f"1/{p.narrowing} of the published" if p.narrowing > 1 else "as published",
        ),
        ("Training", f"{steps} (published: 250 epochs of all slices in twelve variants, batch 2)"),
        ("Folds", f"{p.folds} (published: 8)"),
        (
            "Finished",
            f"{standing.finished} of {standing.steps} steps in {standing.seconds / 60:.0f} min",
        ),
        ("Made by", f"deepvein {made.deepvein}"),
    )
