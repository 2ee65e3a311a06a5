"""`deepvein train`: from a recipe and a cohort to a model."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from deepvein.cli.options import Changes, CohortFolder, Device, changed, check_out, settings_of
from deepvein.cli.terminal import Terminal
from deepvein.core.devices import Precision
from deepvein.core.errors import CohortError, SettingsError, UsageError

if TYPE_CHECKING:
    from deepvein.cohorts.cohort import Cohort
    from deepvein.training.machine import Machine
    from deepvein.training.recipe import Recipe


_GROUPS = {
    "training": "training",
    "examples": "examples",
    "network": "network_settings",
    "loss": "loss",
}
"""First part of a key of `--set`, and the field of the recipe that it changes."""


def train(
    terminal: Terminal,
    *,
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="See `deepvein recipes`.")],
    cohort: CohortFolder,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the run.", show_default="runs/RECIPE"),
    ] = None,
    fold: Annotated[
        int | None,
        typer.Option("--fold", help="Validate on this fold and train on the others."),
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            "--network",
            metavar="NAME",
            help="Train this network, at its own defaults, in place of the recipe's; see "
            "`deepvein networks`.",
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option("--loss", metavar="NAME", help="Train with this loss, at its own defaults."),
    ] = None,
    changes: Changes = None,
    initial: Annotated[
        Path | None,
        typer.Option("--initial", help="Start from the weights of this run or model folder."),
    ] = None,
    pretrained: Annotated[
        str | None,
        typer.Option(
            "--pretrained",
            metavar="imagenet|kinetics|none|PATH",
            help="First weights: published ones, random ones, or those of a file or model folder.",
            show_default="the recipe's",
        ),
    ] = None,
    device: Device = "auto",
    precision: Annotated[
        Precision,
        typer.Option(
            "--precision",
            help="auto is bf16-mixed on GPUs that have it, else 32-true; recent CPUs are faster in bf16.",
        ),
    ] = "auto",
    devices: Annotated[
        int,
        typer.Option(
            "--devices", "--processes", min=1, help="Processes, one for each GPU, on each machine."
        ),
    ] = 1,
    nodes: Annotated[
        int,
        typer.Option(
            "--nodes",
            min=1,
            help="Machines, on each of which torchrun or srun starts this command.",
        ),
    ] = 1,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0, help="Save and stop after so long; --resume goes on."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out where it stands.")
    ] = False,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Tell which share of the time went by waiting for data."),
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard logs too.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="slurm[:PARTITION]",
            help="Queue the training in SLURM, --devices processes on each of --nodes machines; it is "
            "queued again until it is done (needs the extra `slurm`).",
            show_default=False,
        ),
    ] = None,
    hours: Annotated[
        float,
        typer.Option("--hours", min=0.02, help="Time that --cluster asks for at a time."),
    ] = 24.0,
    gpus: Annotated[
        bool, typer.Option("--gpus", help="Have --cluster ask for a GPU for each process.")
    ] = False,
) -> None:
    """Train a model on the cases of a cohort and validate it on patients set aside.

    With the splits `train` and `validation` in the table these are used, with --fold its folds, else a
    fifth of the patients is set aside. The run's folder is the model's folder once it is finished.
    Settings that --set changes begin with training, examples, network or loss: training.epochs=5.
    """
    from deepvein.laboratory import RECIPES
    from deepvein.training.recipe import Task, with_loss, with_network

    chosen = RECIPES.get(recipe)()
    chosen = with_network(chosen, network) if network else chosen
    chosen = with_loss(chosen, loss) if loss else chosen
    chosen = adapted(chosen, settings_of(changes or []))
    folder = out or Path("runs", recipe)
    check_out(folder)

    from deepvein.cohorts.file_checks import check_files
    from deepvein.cohorts.table_checks import load_sound
    from deepvein.training.machine import Machine
    from deepvein.training.run import divide, train_recipe

    table = load_sound(cohort)
    cases = table.of_modality(chosen.modality)
    if not len(cases):
        raise CohortError(f"{cohort} has no {chosen.modality.value} case, which {recipe} needs")
    training, validation = divide(cases, fold, chosen.training.seed)
    machine = Machine(device=device, processes=devices, nodes=nodes, precision=precision)
    if cluster is not None:
        _queue(terminal, cluster, machine, hours, gpus, folder, resume)
        return
    terminal.quiet = terminal.quiet or not machine.is_first
    terminal.note(f"{len(training)} cases to train on, {len(validation)} to validate on")
    for note in _of_division(cases, training, validation, by_split=fold is None):
        terminal.note(note)
    with terminal.progress() as progress, warnings_as_notes(terminal):
        used = replace(table, cases=(*training.cases, *validation.cases))
        for one in check_files(used, progress):
            if not one.passed and not one.fatal:  # the others are the training's to refuse
                terminal.note(one.text)
        result = train_recipe(
            chosen,
            training,
            folder,
            validation=validation,
            machine=machine,
            initial=initial,
            pretrained=pretrained,
            resume=resume,
            stop_after_s=None if minutes is None else minutes * 60,
            tensorboard=tensorboard,
            progress=progress,
        )
    if not machine.is_first:
        return
    run = result.training
    if run.finished:
        score = "" if run.score is None else f", {chosen.training.score} {run.score:.3f}"
        terminal.show(f"{folder}: {run.stopped}, best epoch {run.best_epoch}{score}")
        if chosen.task is Task.READING:
            terminal.show(
                f"Measure it in a bundle: deepvein bundle ... --reader {quote(str(folder))}"
            )
        else:
            words = ("deepvein", "evaluate", str(folder), "--cohort", str(cohort))
            terminal.show(f"Measure it: {join(words)}")
    else:
        terminal.show(f"{folder}: {run.steps} of {run.total} steps; add --resume to go on")
    if profile:
        terminal.show(f"Waiting for data: {run.waiting:.0%} of the time")
    terminal.emit({"run": folder, "finished": run.finished, "training": run})


def _of_division(
    cases: Cohort, training: Cohort, validation: Cohort, *, by_split: bool
) -> Iterator[str]:
    """What to say of how the cases were divided: who is left out, and who may be on both sides."""
    from deepvein.cohorts.outcomes import first_of
    from deepvein.cohorts.table_checks import alike_across

    bare = sum(not case.split for case in cases)
    if by_split and 0 < bare < len(cases):
        yield f"{bare} cases have no split and are left out"
    yield from first_of(alike_across(training, validation))


def _queue(
    terminal: Terminal,
    cluster: str,
    machine: Machine,
    hours: float,
    gpus: bool,
    folder: Path,
    resume: bool,
) -> None:
    """Give this very command to SLURM, as one that goes on where it stands."""
    import sys

    from deepvein.cli.slurm import Command, Resources, partition_of, submit, without
    from deepvein.training.process import LAST

    partition = partition_of(cluster)
    if not resume and (folder / LAST).exists():
        raise UsageError(f"{folder} already holds a training; add --resume, or another --out")
    rest = without(sys.argv[1:], "--cluster", "--hours")
    arguments = tuple(one for one in rest if one != "--gpus")
    command = Command(arguments if resume else (*arguments, "--resume"))
    wanted = Resources(
        nodes=machine.nodes,
        processes=machine.processes,
        gpus=machine.processes if gpus else 0,
        hours=hours,
        partition=partition,
    )
    job = submit(command, folder.absolute() / "slurm", wanted)
    log = job.paths.stdout
    terminal.show(f"SLURM job {job.job_id} is queued and trains into {folder}. Log: {log}")
    terminal.emit({"run": folder, "job": job.job_id, "log": log})


@contextmanager
def warnings_as_notes(terminal: Terminal) -> Iterator[None]:
    """What the training warns of is said in the terminal's way."""
    from deepvein.training.requirements import BlindScoreWarning

    with warnings.catch_warnings():
        show = warnings.showwarning

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, BlindScoreWarning):
                terminal.note(str(message))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.simplefilter("always", BlindScoreWarning)
        warnings.showwarning = tell
        yield


def adapted(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """The recipe with settings changed; SettingsError for a key or value that does not fit."""
    for group, values in changes.items():
        if group not in _GROUPS or not isinstance(values, dict):
            known = ", ".join(f"{name}.…" for name in _GROUPS)
            raise SettingsError(f"--set {group} is not known; keys begin with {known}")
        field = _GROUPS[group]
        recipe = replace(recipe, **{field: changed(getattr(recipe, field), values)})
    return recipe
