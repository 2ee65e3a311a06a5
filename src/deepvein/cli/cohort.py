"""`deepvein cohort`: check, import and divide labelled cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.node import Config, Folder, opened
from deepvein.cli.options import ModalityOption, Out, check_out, modality_of
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import CohortError, SettingsError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from deepvein.cohorts.cohort import Cohort
    from deepvein.cohorts.outcomes import CohortCheck
    from deepvein.cohorts.splits import Shares

app = typer.Typer(
    help="Check, import and divide cohorts of labelled cases.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
)

_PERCENT = 2.0
"""Shares that add up to less are meant as fractions of 1."""

CohortTable = Annotated[
    Path,
    typer.Argument(
        metavar="COHORT", help="Folder with cohort.csv, or a table.", show_default=False
    ),
]


def check(terminal: Terminal, *, cohort: CohortTable) -> None:
    """Say all that train, tune, evaluate and reproduce would refuse of a cohort, at once.

    Reads every image and mask that is there. Ends with 3 if something must be mended; what only some
    commands need is said too and does not fail.
    """
    from deepvein.cohorts.checks import check as check_cohort
    from deepvein.cohorts.cohort import Cohort

    cases = Cohort.load(cohort)
    with terminal.progress() as progress:
        outcomes = check_cohort(cases, progress)
    terminal.show(_outcomes(outcomes))
    bad = [one for one in outcomes if one.fatal and not one.passed]
    if not bad:
        terminal.show(f"{len(cases)} cases of {len(cases.patients)} patients can be used")
    terminal.emit({"cases": len(cases), "patients": len(cases.patients), "checks": list(outcomes)})
    if bad:
        raise typer.Exit(CohortError.exit_code)


def import_(
    terminal: Terminal,
    *,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Images and masks, in any layout.", show_default=False
        ),
    ],
    out: Out,
    modality: ModalityOption = None,
    masks: Annotated[
        Literal["thrombi", "segments"] | None,
        typer.Option("--masks", help="What masks show that do not say it.", show_default="thrombi"),
    ] = None,
) -> None:
    """Make a cohort out of a folder with images and masks, and say what was guessed.

    Images are DICOM studies, NIfTI or NRRD, masks NIfTI, NRRD, .seg.nrrd, DICOM SEG or RTSTRUCT, side by
    side, in folders a patient or a kind, or in nnU-Net's layout. cohort.csv in --out names them where they
    lie; beside it come a cache and masks joined of several files. A table that is there is never overwritten.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give the one with images and masks")
    check_out(out)
    from deepvein.cohorts.importing import import_folder

    with terminal.progress() as progress:
        found = import_folder(
            folder.resolve(), out, modality=modality_of(modality), role=masks, progress=progress
        )
    table = found.cohort.save()
    terminal.show(_cases(found.cohort))
    for guess in found.guesses:
        terminal.show(f"Guessed: {guess}")
    for line in found.left_out:
        terminal.show(f"Left out: {line}")
    terminal.show(f"{table}: look through it, then run `deepvein cohort check {out}`")
    terminal.emit(
        {
            "table": table,
            "cases": len(found.cohort),
            "guesses": list(found.guesses),
            "left_out": list(found.left_out),
        }
    )


def from_reviews(
    terminal: Terminal,
    *,
    out: Out,
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Make a cohort of the studies that readers have signed in a node, with their corrected masks.

    cohort.csv in --out names images and masks where they lie; divide it with `deepvein cohort split`, learn
    from it with `deepvein train --initial`. A table that is there already is never overwritten.
    """
    check_out(out)
    from deepvein.cohorts.cohort import TABLES

    if (out / TABLES[0]).exists():
        raise UsageError(f"{out / TABLES[0]} is there already; name another folder")
    with opened("cohort from-reviews", config, folder, there=True) as (settings, database):
        from deepvein.node.reviews.cohort import reviewed_cohort

        cohort = reviewed_cohort(database, settings.folder, out)
    table = cohort.save()
    sick = sum(case.has_dvt is True for case in cohort)
    terminal.show(f"{table}: {len(cohort)} signed studies, {sick} with DVT")
    terminal.emit({"table": table, "cases": len(cohort), "with_dvt": sick})


def split(
    terminal: Terminal,
    *,
    cohort: CohortTable,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="Table to write, such as COHORT/divided.csv.", show_default=False
        ),
    ],
    folds: Annotated[
        int | None, typer.Option("--folds", min=2, help="Deal folds in place of splits.")
    ] = None,
    shares: Annotated[
        str | None,
        typer.Option(
            "--shares",
            help="Percent of train, validation and test patients.",
            show_default="60/20/20",
        ),
    ] = None,
    matched: Annotated[
        bool,
        typer.Option("--matched", help="Even out what the images measure, too; reads them all."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed divides otherwise.")] = 0,
) -> None:
    """Divide a cohort by patient, those with DVT and those without alike, into a new table.

    --matched takes the most even of thousands of divisions, by number of slices, prevalence, contrast,
    extent of thrombi and coverage. One image or mask under two patients is refused. A table that is there
    already is never overwritten.
    """
    if out.exists():
        raise UsageError(f"{out} is there already; name another table")
    if out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"--out {out} must be a table that ends in .csv or .parquet")
    if matched and folds is not None:
        raise UsageError("--matched divides into splits, not into --folds")
    if shares is not None and folds is not None:
        raise UsageError("--shares are those of splits; --folds are all of one size")
    from deepvein.cohorts.cohort import Cohort
    from deepvein.cohorts.splits import k_fold, matched_split, stratified_split
    from deepvein.cohorts.statistics import cohort_statistics
    from deepvein.cohorts.table_checks import check_alike, require_owners

    cases, parts = Cohort.load(cohort), _shares(shares or "60/20/20")
    require_owners(cases)
    alike = check_alike(cases)
    if folds is not None:
        divided = k_fold(cases, folds, seed)
    elif matched:
        with terminal.progress() as progress:
            divided, balance = matched_split(cases, cohort_statistics(cases, progress), seed, parts)
        for one in balance.covariates:
            terminal.show(f"{one.name}: largest difference {one.difference:.2f} SD")
    else:
        divided = stratified_split(cases, seed, parts)
    divided.save(out)
    terminal.show(_parts(divided), f"{out}: use it as --cohort {out}")
    then = " Then give both one name" if alike.text.endswith("?") else ""
    notes = [] if alike.passed else [f"before it is used: {alike.text}{then}"]
    notes += _lacking(divided)
    for note in notes:
        terminal.show(note[:1].upper() + note[1:])
    terminal.emit(
        {
            "table": out,
            "cases": len(divided),
            "patients": len(divided.patients),
            "notes": notes,
        }
    )


def _lacking(cohort: Cohort) -> list[str]:
    """What parts cannot tell, since all or none of their cases have DVT."""
    from deepvein.cohorts.labelling import has_dvt

    known: dict[str, set[bool | None]] = {}
    for case in cohort:
        part = case.split or f"fold {case.fold}"
        known.setdefault(part, set()).add(has_dvt(case, cohort.cache))
    if not {True, False} <= set().union(*known.values()):
        return []
    lacks = {
        "with DVT, so that no sensitivity": sorted(
            p for p, has in known.items() if True not in has
        ),
        "without DVT, so that no specificity": sorted(
            p for p, has in known.items() if False not in has
        ),
    }
    return [
        f"{', '.join(parts)}: no case {what} can be measured there; there are too few of them for so many parts"
        for what, parts in lacks.items()
        if parts
    ]


def _shares(text: str) -> Shares:
    """The shares of `60/20/20` or `.6/.2/.2`; UsageError for anything else."""
    from deepvein.cohorts.splits import Shares

    try:
        train, validation, test = (float(part) for part in text.split("/"))
        whole = 1 if train + validation + test < _PERCENT else 100
        return Shares(train / whole, validation / whole, test / whole)
    except (ValueError, SettingsError) as error:
        told = f" ({error})" if isinstance(error, SettingsError) else ""
        raise UsageError(
            f"--shares {text!r} is not train/validation/test, such as 60/20/20{told}"
        ) from None


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(*columns, box=SIMPLE_HEAD, pad_edge=False)


def _outcomes(outcomes: tuple[CohortCheck, ...]) -> Table:
    table = _table("check", "", "what was found")
    for one in outcomes:
        word = "good" if one.passed else "must be mended" if one.fatal else "note"
        table.add_row(one.code, word, one.text)
    return table


def _cases(cohort: Cohort) -> Table:
    table = _table("case", "patient", "modality", "image", "segments", "thrombi", "DVT")
    for case in cohort:
        names = [path.name if path else "" for path in (case.image, case.segments, case.thrombi)]
        known = {True: "yes", False: "no", None: ""}[case.has_dvt]
        table.add_row(case.case, case.patient, case.modality.value, *names, known)
    return table


def _parts(cohort: Cohort) -> Table:
    from deepvein.cohorts.labelling import has_dvt

    table = _table("part")
    for title in ("patients", "cases", "with DVT"):
        table.add_column(title, justify="right")
    parts = sorted({case.split or f"fold {case.fold}" for case in cohort})
    for part in parts:
        own = cohort.select(lambda case, part=part: part == (case.split or f"fold {case.fold}"))  # type: ignore[misc]
        sick = sum(has_dvt(case, own.cache) is True for case in own)
        table.add_row(part, str(len(own.patients)), str(len(own)), str(sick))
    return table


app.command("check", epilog=EXIT_CODES)(command(check))
app.command("import", epilog=EXIT_CODES)(command(import_))
app.command("from-reviews", epilog=EXIT_CODES)(command(from_reviews))
app.command("split", epilog=EXIT_CODES)(command(split))
