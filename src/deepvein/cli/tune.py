"""`deepvein tune`: a search for the settings of a recipe."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.cluster import Cluster as ClusterOption
from deepvein.cli.cluster import workforce
from deepvein.cli.options import Changes, CohortFolder, Device, check_out, settings_of
from deepvein.cli.terminal import Terminal
from deepvein.cli.train import adapted, warnings_as_notes
from deepvein.core.errors import CohortError, UsageError

if TYPE_CHECKING:
    from deepvein.training.search import Range


def tune(
    terminal: Terminal,
    *,
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="See `deepvein recipes`.")],
    cohort: CohortFolder,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the search.", show_default="tuning/RECIPE"),
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", min=1, help="Trials in all, finished ones included.")
    ] = 20,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, help="Of each trial.", show_default="the recipe's"),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps", min=1, help="Optimiser steps of an epoch.", show_default="the recipe's"
        ),
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            "--search",
            metavar="KEY=LOW..HIGH[:log]",
            help="Search this setting, such as training.optimiser.learning_rate=1e-5..1e-2:log; "
            "several times for several.",
            show_default="learning rate, weight decay, rotation",
        ),
    ] = None,
    changes: Changes = None,
    storage: Annotated[
        str,
        typer.Option(
            "--storage",
            metavar="URL",
            help="Database of the trials, any SQLAlchemy URL; machines that share it share the search.",
            show_default="SQLite in --out",
        ),
    ] = "",
    prune: Annotated[
        bool, typer.Option("--prune/--no-prune", help="Stop trials below the median of the others.")
    ] = True,
    fold: Annotated[
        int | None, typer.Option("--fold", help="Validate on this fold, train on the others.")
    ] = None,
    pretrained: Annotated[
        str | None,
        typer.Option(
            "--pretrained",
            metavar="imagenet|kinetics|none|PATH",
            help="First weights of each trial.",
            show_default="the recipe's",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0, help="Begin no trial after so long; the same goes on."),
    ] = None,
    device: Device = "auto",
    cluster: ClusterOption = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the search's draws.")] = 0,
) -> None:
    """Search for settings of a recipe with which it does best in validation (needs the extra `tune`).

    The same command goes on with a search that was interrupted. best.json holds what was found; the
    command to train with it is printed.
    """
    from deepvein.laboratory import RECIPES

    chosen = adapted(RECIPES.get(recipe)(), settings_of(changes or []))
    folder = (out or Path("tuning", recipe)).absolute()
    check_out(folder)
    space = tuple(range_of(text) for text in search or ())

    from deepvein.cohorts.table_checks import load_sound
    from deepvein.training.machine import Machine
    from deepvein.training.run import divide
    from deepvein.training.search import SearchSettings
    from deepvein.training.search import tune as tune_recipe

    table = load_sound(cohort.absolute())
    cases = table.of_modality(chosen.modality)
    if not len(cases):
        raise CohortError(f"{cohort} has no {chosen.modality.value} case, which {recipe} needs")
    training, validation = divide(cases, fold, chosen.training.seed)
    settings = SearchSettings(trials, epochs, steps, storage, prune, seed, space)
    terminal.note(f"{len(training)} cases to train on, {len(validation)} to validate on")
    with (
        terminal.progress() as progress,
        workforce(cluster, None, device=device) as joined,
        warnings_as_notes(terminal),
    ):
        found = tune_recipe(
            chosen,
            training,
            validation,
            folder,
            settings,
            machine=Machine(device=device),
            pretrained=pretrained,
            cluster=None if isinstance(joined, int) else joined,
            stop_after_s=None if minutes is None else minutes * 60,
            progress=progress,
        )
    terminal.show(
        f"{found.finished} trials, {found.pruned} pruned, {found.failed} failed; best "
        f"{chosen.training.score} {found.score:.3f}"
    )
    fixed = [f"--set={one}" for one in changes or ()]
    fixed += [f"--set={one.key}={one.value:.6g}" for one in found.settings]
    fixed += [] if fold is None else [f"--fold={fold}"]
    fixed += [] if pretrained is None else [f"--pretrained={pretrained}"]
    again = shlex.join(["deepvein", "train", recipe, "--cohort", str(cohort), *fixed])
    terminal.show(f"Train with it: {again}")
    terminal.emit({"search": folder, "complete": found.complete, "best": found})


def range_of(text: str) -> Range:
    """The range that `key=low..high` or `key=low..high:log` says; UsageError for anything else."""
    from deepvein.training.search import Range

    key, equals, rest = text.partition("=")
    span, _, scale = rest.partition(":")
    low, dots, high = span.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = None
    if not equals or not dots or ends is None or scale not in ("", "log"):
        raise UsageError(
            f"--search {text!r} is not KEY=LOW..HIGH[:log], such as "
            "training.optimiser.learning_rate=1e-5..1e-2:log"
        )
    return Range(key.strip(), *ends, log=scale == "log")
