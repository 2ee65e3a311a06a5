"""`deepvein reproduce`: a published study, table by table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from deepvein.cli.cluster import Cluster, workforce
from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.options import Device, check_out
from deepvein.cli.terminal import Terminal

if TYPE_CHECKING:
    from deepvein.laboratory.reproduction import Reproduction
    from deepvein.training.machine import Machine

app = typer.Typer(
    name="reproduce",
    help="Redraw the tables and figures of a published study.",
    no_args_is_help=True,
)

ProfileName = Annotated[
    Literal["quick", "cpu", "days", "gpu", "paper"],
    typer.Option(
        "--profile",
        help="quick: minutes on a CPU; cpu: an hour or two; days: some days; gpu: an hour on a GPU; "
        "paper: as published.",
    ),
]
OwnCohort = Annotated[
    Path | None,
    typer.Option(
        "--cohort",
        help="Your own cohort's folder, in place of synthetic patients.",
        show_default=False,
    ),
]
Models = Annotated[
    str, typer.Option("--models", help="Only these, with commas between.", show_default="all")
]
Folds = Annotated[
    str, typer.Option("--folds", help="Only these, such as 0,2 or 0-3.", show_default="all")
]
OutFolder = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="Folder of the study.", show_default="reproductions/PAPER-PROFILE"
    ),
]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", min=0, help="Stop after so long; the same command goes on."),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Only show the queue and what it will cost at most."),
]
Processes = Annotated[
    int | None,
    typer.Option(
        "--processes", min=1, help="Trainings at a time.", show_default="cores on a CPU, 1 on a GPU"
    ),
]


def huang2019(
    terminal: Terminal,
    *,
    profile: ProfileName = "quick",
    cohort: OwnCohort = None,
    models: Models = "",
    folds: Folds = "",
    out: OutFolder = None,
    minutes: Minutes = None,
    device: Device = "auto",
    processes: Processes = None,
    cluster: Cluster = None,
    dry_run: DryRun = False,
    beyond: Annotated[
        bool,
        typer.Option(
            "--beyond/--tables-only", help="With the experiments beyond the paper's tables."
        ),
    ] = True,
) -> None:
    """Huang et al. 2019: thrombus segmentation in MR venography.

    Makes the cohort, trains and tests each network on each fold, and writes index.html with each published
    table and figure beside ours. What is finished is never repeated: the same command goes on.
    """
    from deepvein.laboratory.huang2019.profiles import PROFILES
    from deepvein.laboratory.huang2019.study import Study
    from deepvein.training.machine import side_by_side

    folder = (out or Path("reproductions", f"huang2019-{profile}")).absolute()
    check_out(folder)
    machine, fit = side_by_side(device)
    study = Study(
        PROFILES.get(profile),
        folder,
        cohort,
        words(models),
        numbers(folds),
        beyond,
        machine,
        processes or fit,
    )
    if study.cohort is not None:
        _ = study.patients  # what its table would be refused for later
    if dry_run:
        _cost(terminal, study, machine)
    else:
        _reproduce(terminal, study, minutes, cluster)


def kozemzak2019(
    terminal: Terminal,
    *,
    profile: ProfileName = "quick",
    cohort: OwnCohort = None,
    models: Models = "",
    folds: Folds = "",
    pretrained: Annotated[
        str,
        typer.Option(
            "--pretrained",
            metavar="auto|imagenet|phantoms|none|PATH",
            help="First weights where the paper has published ones: these if they are at hand and else "
            "our own phantoms' (auto), these, our phantoms', random ones, or those of a file.",
        ),
    ] = "auto",
    out: OutFolder = None,
    minutes: Minutes = None,
    device: Device = "auto",
    processes: Processes = None,
    cluster: Cluster = None,
    dry_run: DryRun = False,
) -> None:
    """Kozemzak et al. 2019: deep-vein segmentation and DVT classification in CT.

    Makes the cohort, trains four segmenters, six classifiers and what the authors could not do, and writes
    index.html with each published table and figure beside ours. What is finished is never repeated.
    """
    from deepvein.laboratory.kozemzak2019.profiles import PROFILES
    from deepvein.laboratory.kozemzak2019.step_actions import Study
    from deepvein.laboratory.kozemzak2019.study import Kozemzak2019
    from deepvein.training.machine import side_by_side

    folder = out or Path("reproductions", f"kozemzak2019-{profile}")
    check_out(folder)
    machine, fit = side_by_side(device)
    study = Study(PROFILES.get(profile), folder.resolve(), cohort, machine, processes or fit)
    wanted = Kozemzak2019.of(study, words(models), numbers(folds), pretrained)
    if dry_run:
        _cost(terminal, wanted, machine)
    else:
        _reproduce(terminal, wanted, minutes, cluster)


def _reproduce(
    terminal: Terminal, study: Reproduction, minutes: float | None, cluster: str | None
) -> None:
    """What makes patients is done here; trainings and what else a stage has several of, on the cluster."""
    from deepvein.laboratory.report_page import PAGE
    from deepvein.laboratory.reproduction import reproduce

    with terminal.progress() as progress, workforce(cluster, None) as joined:
        standing = reproduce(
            study,
            cluster=None if isinstance(joined, int) else joined,
            stop_after_s=None if minutes is None else minutes * 60,
            progress=progress,
        )
    terminal.show(f"{standing.finished} of {standing.steps} steps are done")
    page = study.out / PAGE
    if page.exists():
        terminal.show(f"Page: {page}")
    terminal.show("Complete." if standing.complete else "The same command goes on from here.")
    terminal.emit(
        {
            "page": page,
            "finished": standing.finished,
            "steps": standing.steps,
            "complete": standing.complete,
        }
    )


def _cost(terminal: Terminal, study: Reproduction, machine: Machine) -> None:
    """Show the queue with its times, and keep it as queue.csv in the study's folder."""
    from deepvein.core.files import write_text
    from deepvein.laboratory.costs import QUEUE, queue_table

    table = queue_table(study.queue(), machine, study.processes)
    write_text(study.out / QUEUE, table.csv())
    for row in table.rows:
        terminal.show("  ".join((f"{row[0]:<40}", f"{row[1]:>12}", f"{row[2]:>8} h")))
    terminal.show(f"Queue: {study.out / QUEUE}")
    terminal.emit({"queue": study.out / QUEUE, "steps": len(table.rows) - 1})


def words(text: str) -> tuple[str, ...]:
    """The names in a text with commas between; () for an empty one."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers and ranges with commas between: "0,2-4" is 0, 2, 3, 4; UsageError otherwise."""
    from deepvein.core.errors import UsageError

    found: list[int] = []
    for word in words(text):
        low, dash, high = word.partition("-")
        if not low.isdigit() or (dash and not high.isdigit()):
            raise UsageError(f"--folds {text!r} is not a list of numbers, such as 0,2 or 0-3")
        found += range(int(low), int(high or low) + 1)
    return tuple(dict.fromkeys(found))


app.command("huang2019", epilog=EXIT_CODES)(command(huang2019))
app.command("kozemzak2019", epilog=EXIT_CODES)(command(kozemzak2019))
