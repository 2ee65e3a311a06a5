"""`deepvein bundle`: from trained models to what `screen` uses."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from deepvein.cli.options import (
    Device,
    Keep,
    ModalityName,
    Out,
    TrialWorkers,
    check_out,
    modality_named,
)
from deepvein.cli.terminal import Terminal


def bundle(
    terminal: Terminal,
    *,
    modality: Annotated[ModalityName, typer.Argument(metavar="ct|mr")],
    localiser: Annotated[Path, typer.Option("--localiser", help="Folder of its run.")],
    segmenter: Annotated[Path, typer.Option("--segmenter", help="Folder of its run.")],
    validation: Annotated[
        Path, typer.Option("--validation", help="Cohort to calibrate probabilities on.")
    ],
    test: Annotated[Path, typer.Option("--test", help="Cohort to measure on, never used before.")],
    training_data: Annotated[
        str, typer.Option("--training-data", help="A sentence on what the models learned from.")
    ],
    out: Out,
    reader: Annotated[
        Path | None, typer.Option("--reader", help="Folder of the second reader's run, if any.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the bundle.", show_default="ct or mr")
    ] = None,
    version: Annotated[
        str, typer.Option("--model-version", help="Version of the bundle.")
    ] = "0.1.0",
    device: Device = "auto",
    workers: TrialWorkers = None,
    keep: Keep = None,
) -> None:
    """Calibrate a localiser, a segmenter and a reader, measure them once and write a bundle with its card.

    The card shows what was reached beside what was aimed for, by kinds of thrombus and by centre, and
    pictures of what was missed. Screen with it by `deepvein screen --models OUT`.
    """
    check_out(out)
    from deepvein.cohorts.table_checks import load_sound
    from deepvein.laboratory.cards.bundling import BundleSettings, make_bundle

    shown = modality_named(modality)
    wanted = BundleSettings(
        name=name or modality,
        version=version,
        modality=shown,
        summary=f"Deep veins and thrombi of the legs in {shown.value} venography.",
        training_data=training_data,
        command=shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    )
    with terminal.progress() as progress:
        made = make_bundle(
            wanted,
            localiser,
            segmenter,
            load_sound(validation),
            load_sound(test),
            out,
            reader=reader,
            device=device,
            workers=workers or 1,
            keep=keep,
            progress=progress,
        )
    terminal.show(f"{out}: see {made.card}")
    terminal.emit(made)
