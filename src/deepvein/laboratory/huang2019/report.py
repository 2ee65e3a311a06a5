"""Tables, figures and the page, drawn anew from what the study's folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepvein.cohorts.opening import open_case
from deepvein.core.provenance import provenance
from deepvein.drawing.pages import slug
from deepvein.laboratory.huang2019 import figures, published, tables
from deepvein.laboratory.huang2019.experiments import NAMES, PROPOSED, Run, experiments
from deepvein.laboratory.huang2019.knee import knee
from deepvein.laboratory.huang2019.masks import kept_mask
from deepvein.laboratory.huang2019.peer import PEER, peer_trainings, statement
from deepvein.laboratory.huang2019.results import PatientResult, column, read_results
from deepvein.laboratory.report_page import Chapter, Exhibit, Page, write_page
from deepvein.laboratory.steps import DONE, Standing

if TYPE_CHECKING:
    from deepvein.laboratory.huang2019.study import Study

Results = Mapping[str, Sequence[PatientResult]]
RESULTS, PREDICTIONS = "results.csv", "predictions"
TABLES, FIGURES = "tables", "figures"
_BOTH = "both levels"

_INTRODUCTION = """Every table and figure of the paper beside ours, from the same protocol: whole coronal \
slices, min–max normalisation, twelve fixed variants of each slice, focal loss, cross-validation by patient, \
scores of each patient over all of their slices, two-sided paired Wilcoxon tests.

A lesion is what of a patient's thrombi lies above, or below, the end of the popliteal vein."""

_SYNTHETIC_PATIENTS = """What differs follows from what the paper leaves open. An image shows one leg with its \
three stations merged: 345 × 0.55 mm are 190 mm, one leg's width, and 961 × 0.75 mm are 721 mm, groin to lower \
calf. Every patient has one thrombosed leg. The ground truth is the consensus of two simulated readers."""

_EMPTY_RULE = (
    "Empty masks: where neither the ground truth nor the prediction holds a voxel a score is 1; otherwise a "
    "ratio with denominator 0 is 0. Surface distances are left out where one mask is empty, and n tells of "
    "how many patients the mean is."
)
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
)  # fmt: skip


def write_report(study: Study, standing: Standing) -> Path:
    """Tables (CSV, Markdown, LaTeX), figures (PNG, SVG) and index.html in `study.out`; the page's path."""
    results = gathered(study.out, study.runs)
    drawn = _drawn(study, results)
    chapters = [
        _comparison(results, study, drawn),
        _examples(results, drawn),
        _further(results, study),
        *_questions(results, study),
    ]
    for chapter in chapters:
        for exhibit in chapter.exhibits:
            if exhibit.ours is not None:
                exhibit.ours.write(study.out / TABLES, slug(exhibit.title.split(":")[0]))
    page = Page(
        title="Thrombus segmentation in MR venography: Huang et al. 2019, redrawn",
        source=published.CITATION,
        profile=study.profile.statement,
        introduction=_INTRODUCTION + ("" if study.cohort else f"\n\n{_SYNTHETIC_PATIENTS}"),
        chapters=chapters,
        facts=_facts(study, results, standing),
        synthetic=study.cohort is None,
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


def _comparison(results: Results, study: Study, drawn: dict[str, Path]) -> Chapter:
    proposed = results.get(PROPOSED, ())
    names = _model_names(results)
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
        drawn.get("networks"),
        "Every patient's DSC by network; boxes from quartile to quartile with the median. "
        f"{statement(peer_trainings(study.out))}".rstrip(),
        missing=missing,
    )
    return Chapter("Tables 1 and 2", _EMPTY_RULE, (one, two))


def _examples(results: Results, drawn: dict[str, Path]) -> Chapter:
    rows = results.get(PROPOSED, ())
    high, low = (sum(row.dice > 0.9 for row in rows), sum(row.dice < 0.6 for row in rows))
    return Chapter(
        "Figures 2, 3 and 4",
        "Predictions are red, the ground truth is green.",
        (
            Exhibit(
                "Figure 2: segmentation with high accuracy",
                figure=drawn.get("figure-2"),
                caption=_caption(drawn, "figure-2", _best(rows)),
                told="Published: an example with a DSC of 0.94 (0.92 in the text).",
            ),
            Exhibit(
                "Figure 3: thrombus volume and DSC",
                figure=drawn.get("figure-3"),
                caption=f"Each point is a patient. Ours: {high} of {len(rows)} above 0.90, {low} below 0.60.",
                told="Published: 2 of 58 patients above 0.90, 7 below 0.60; the four below 0.50 had thrombi "
                "in the calf alone.",
            ),
            Exhibit(
                "Figure 4: thrombi above and below the knee",
                figure=drawn.get("figure-4"),
                caption=_caption(drawn, "figure-4", _typical(rows)),
                told="Published: an example with a DSC of 0.78, 0.92 above and 0.57 below the knee.",
            ),
        ),
    )


def _further(results: Results, study: Study) -> Chapter:
    names = _model_names(results)
    made = tables.beyond_table(results, names) if any(n in results for n in names) else None
    text = (
        "Intervals are bootstraps over patients. A lesion is found if a tenth or more of a predicted piece "
        "lies in it. The paper's speed: 1.5 s a slice on a GTX 1080 Ti, in another place 13.5 s for around "
        "90 slices."
    )
    return Chapter(
        "What the field asks beyond the paper",
        text,
        (Exhibit("Further scores", ours=made, missing=_missing(study, "models")),),
    )


def _questions(results: Results, study: Study) -> list[Chapter]:
    labels = {one.name: one.label for one in experiments(study.profile)}
    out = []
    for kind, title, text, first in _QUESTIONS:
        base = PROPOSED if kind != "normalisation" else "normalisation/group"
        names = {base: first} | {n: t for n, t in labels.items() if n.startswith(f"{kind}/")}
        others = [name for name in names if name != base and name in results]
        table = tables.question_table(title, results, names) if others else None
        out.append(
            Chapter(title, text, (Exhibit(title, ours=table, missing=_missing(study, kind)),))
        )
    held_out = results.get("centres/gn-unet", ())
    table = tables.centre_table(held_out, results.get(PROPOSED, ())) if held_out else None
    text = (
        "Three centres differ in scanner, field strength, fat suppression, voxels and contrast timing. Each "
        "is tested by a network that was trained on the other two (Section 5)."
    )
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


def _drawn(study: Study, results: Results) -> dict[str, Path]:
    """The figures by name; without results of the proposed network there are none."""
    rows = results.get(PROPOSED, ())
    if not rows:
        return {}
    folder = study.out / FIGURES
    made = {"figure-3": figures.volume_figure(rows, folder)}
    dice = {
        label: column(results[name], "dice")
        for name, label in _model_names(results).items()
        if name in results
    }
    made["networks"] = figures.model_figure(dice, folder)
    for name, row in (("figure-2", _best(rows)), ("figure-4", _typical(rows))):
        if row is not None:
            shown, level = _shown(study, row)
            height = shown.truth.shape[1]
            levels = [(0, height)] if name == "figure-2" else [(0, level), (level, height)]
            made[name] = figures.example_figure(shown, levels, folder, name)
    return made


def _shown(study: Study, row: PatientResult) -> tuple[figures.Shown, int]:
    """The patient's images and the row of the knee."""
    patients = study.patients
    case = next(case for case in patients if case.case == row.case)
    opened = open_case(case, patients.cache)
    folder = next(
        study.out / run.name
        for run in study.runs
        if run.experiment.name == PROPOSED and f"fold {run.fold}" == row.test
    )
    prediction = kept_mask(folder / PREDICTIONS / f"{row.case}.npz")
    truth = np.zeros(prediction.shape, dtype=bool)
    if opened.thrombi is not None:
        truth = np.asarray(opened.thrombi.array) > 0
    grid = opened.image.grid
    level = None
    if opened.segments is not None:
        level = knee(np.asarray(opened.segments.array), grid)
    middle = grid.shape[1] // 2 if level is None else level
    return figures.Shown(opened.image.array, prediction, truth, grid), middle


def _best(rows: Sequence[PatientResult]) -> PatientResult | None:
    return max(rows, key=lambda row: row.dice, default=None)


def _typical(rows: Sequence[PatientResult]) -> PatientResult | None:
    """Of the patients with thrombi at both levels the one with the median DSC."""
    both = [
        row for row in rows if not np.isnan(row.dice_proximal) and not np.isnan(row.dice_distal)
    ]
    return sorted(both, key=lambda row: row.dice)[len(both) // 2] if both else None


def _caption(drawn: dict[str, Path], name: str, row: PatientResult | None) -> str:
    if name not in drawn or row is None:
        return "No patient to show yet."
    text = f"Patient {row.patient}: DSC {row.dice:.2f}"
    if name == "figure-4":
        text += f", {row.dice_proximal:.2f} above and {row.dice_distal:.2f} below the knee"
    return text + ", over all slices; shown is the slice with most thrombus."


def _model_names(results: Results) -> dict[str, str]:
    """Networks in the order of Table 2, the proposed one last as printed, then a peer."""
    order = [name for name in NAMES if f"models/{name}" != PROPOSED]
    names = {f"models/{name}": NAMES[name] for name in order}
    names[PROPOSED] = NAMES["gn-unet"]
    if PEER in results:
        names[PEER] = "nnU-Net v2 (peer)"
    return names


def _facts(study: Study, results: Results, standing: Standing) -> tuple[tuple[str, str], ...]:
    patients = study.patients
    rows = results.get(PROPOSED, ())
    slices = int(column(rows, "slices").sum()) if rows else 0
    positive = int(column(rows, "positive_slices").sum()) if rows else 0
    above = int(np.isfinite(column(rows, "dice_proximal")).sum()) if rows else 0
    below = int(np.isfinite(column(rows, "dice_distal")).sum()) if rows else 0
    p = study.profile
    made = provenance()
    steps = f"{p.epochs} epochs of {p.steps or 'all'} steps of {p.batch} slices"
    return (
        ("Profile", p.name),
        ("Patients", f"{len(patients.patients)} (published: {published.PATIENTS})"),
        (
            "Tested so far",
            f"{len(rows)} patients, {slices:,} slices, {positive:,} with thrombus (published: "
            f"{published.SLICES:,} and {published.THROMBUS_SLICES:,}), {above} proximal and {below} distal "
            f"lesions (published: {published.PROXIMAL_LESIONS} and {published.DISTAL_LESIONS})",
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
