"""`deepvein phantom`: synthetic labelled studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from deepvein.cli.audit import audit
from deepvein.cli.cluster import Cluster, workforce
from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.options import (
    Changes,
    ModalityName,
    Out,
    changed,
    check_out,
    modality_named,
    settings_of,
)
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import UsageError
from deepvein.core.progress import Progress
from deepvein.core.workers import cores

if TYPE_CHECKING:
    from deepvein.phantoms.phantom import Phantom, PhantomSettings, PlantedThrombus

app = typer.Typer(
    help="Make synthetic legs with known veins and thrombi, as real DICOM studies or NIfTI files.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
)

FileFormat = Literal["dicom", "nifti"]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help="The same seed makes the same pixels on any machine.")
]
Format = Annotated[FileFormat, typer.Option("--format", help="Format of the images.")]
DifficultyName = Literal["easy", "clinical", "hard"]
CentreName = Literal["A", "B", "C"]
AnnotationName = Literal["exact", "radiologist", "kozemzak2019"]
DifficultyOption = Annotated[
    DifficultyName,
    typer.Option("--difficulty", help="How hard to read: opacification, disease, imitators."),
]
Centre = Annotated[
    CentreName | None,
    typer.Option(
        "--centre",
        case_sensitive=False,
        help="Scanner, protocol and contrast timing of this centre.",
        show_default="drawn from all",
    ),
]


def _single(name: ModalityName) -> Callable[..., None]:
    def make(
        terminal: Terminal,
        *,
        out: Out,
        seed: Seed = 0,
        dvt: Annotated[
            bool | None,
            typer.Option(
                "--dvt/--no-dvt",
                help="With or without thrombi; else the seed decides.",
                show_default=False,
            ),
        ] = None,
        file_format: Format = "dicom",
        truth: Annotated[
            bool, typer.Option("--truth/--no-truth", help="Write the label maps too.")
        ] = True,
        difficulty: DifficultyOption = "clinical",
        centre: Centre = None,
        changes: Changes = None,
    ) -> None:
        from deepvein.phantoms.phantom import render, sample

        _check_empty(out)
        settings = _settings(difficulty, centre, changes)
        scenario = sample(seed, modality_named(name), dvt, settings)
        with terminal.progress() as progress:
            phantom = render(scenario, progress)
            _write(phantom, out, file_format, truth, progress)
        _show(terminal, phantom, out)

    make.__doc__ = f"""Make one synthetic {name.upper()} venography of the legs.

    The images lie in --out, the label maps in its folder `truth`, and planted.json says what was planted.
    """
    return make


def cohort(
    terminal: Terminal,
    *,
    modality: Annotated[
        ModalityName, typer.Argument(metavar="ct|mr", case_sensitive=False, show_default=False)
    ],
    n: Annotated[int, typer.Option("--n", min=1, help="Number of studies.", show_default=False)],
    out: Out,
    seed: Seed = 0,
    dvt_share: Annotated[
        float, typer.Option("--dvt-share", min=0, max=1, help="Share of studies with thrombi.")
    ] = 0.5,
    patients: Annotated[
        int | None,
        typer.Option(
            "--patients",
            min=1,
            help="Patients that the studies belong to; some then have two.",
            show_default="one each",
        ),
    ] = None,
    difficulty: DifficultyOption = "clinical",
    centre: Centre = None,
    annotation: Annotated[
        AnnotationName,
        typer.Option(
            "--annotation",
            help="Labels: the exact truth, or contours with what readers leave out and miss.",
        ),
    ] = "exact",
    write: Annotated[
        FileFormat | None,
        typer.Option(
            "--write",
            help="Make all files now, as NIfTI or with each study as DICOM too.",
            show_default="each case when it is opened",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Processes for --write.", show_default="all cores"),
    ] = None,
    cluster: Cluster = None,
    changes: Changes = None,
) -> None:
    """Make a cohort of synthetic studies to train on: a table, cohort.csv, and a plan, cohort.json.

    The folder takes a few kilobytes. A case's files are made in the user's cache when it is first opened
    and made again if they had to go; DEEPVEIN_CACHE and DEEPVEIN_CACHE_GB say where the cache lies and
    how large it grows. With --write all files lie beside the table; the same command goes on where it
    was interrupted.
    """
    check_out(out)
    from deepvein.phantoms.annotation.annotation import ANNOTATIONS
    from deepvein.phantoms.cohort import write_cohort

    if cluster is not None and write is None:
        raise UsageError("--cluster makes files, and there are none to make without --write")
    with (
        terminal.progress() as progress,
        workforce(cluster, workers, cores(), device="cpu") as processes,
    ):
        table = write_cohort(
            modality_named(modality),
            n,
            out if cluster is None else out.absolute(),
            seed,
            dvt_share=dvt_share,
            patients=patients,
            annotation=ANNOTATIONS.get(annotation),
            settings=_settings(difficulty, centre, changes),
            write=write,
            workers=processes,
            progress=progress,
        )
    terminal.show(f"{n} studies: {table}")
    if write is None:
        terminal.note("Files are made when a case is opened; --write makes them now.")
    terminal.emit({"table": table, "cases": n})


for _name in ("ct", "mr"):
    app.command(_name, epilog=EXIT_CODES)(command(_single(_name)))
app.command("cohort", epilog=EXIT_CODES)(command(cohort))
app.command("audit", epilog=EXIT_CODES)(command(audit))


def _settings(
    difficulty: DifficultyName, centre: CentreName | None, changes: list[str] | None
) -> PhantomSettings:
    """The settings of a level, then the centre, then what --set changes."""
    from deepvein.phantoms.difficulty import settings_at

    settings = replace(settings_at(difficulty), centre=centre or "")
    return changed(settings, settings_of(changes or []))


def _check_empty(folder: Path) -> None:
    """Two studies in one folder would be read as one, so a new one needs a folder of its own."""
    from deepvein.core.files import clear_leftovers

    check_out(folder)
    clear_leftovers(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"--out {folder} is not empty; give a new folder")


def _write(
    phantom: Phantom, out: Path, file_format: FileFormat, truth: bool, progress: Progress
) -> None:
    """Put the files of a phantom into `out` once all are whole: half a study would be read as one."""
    from deepvein.core.files import put, stage
    from deepvein.phantoms.writing import TRUTH, write_dicom, write_planted
    from deepvein.studies.nifti import write_nifti

    names = TRUTH if truth else ()
    progress("writing images", 0, 1 + len(names))
    with stage(out) as made:
        if file_format == "dicom":
            write_dicom(phantom, made)
        else:
            write_nifti(phantom.image, made / "image.nii.gz")
        for done, name in enumerate(names, start=1):
            progress(f"writing {name}", done, 1 + len(names))
            write_nifti(getattr(phantom, name), made / "truth" / f"{name}.nii.gz")
        write_planted(phantom, made)
        for path in sorted(made.iterdir()):
            put(path, out / path.name)
    progress("writing", 1 + len(names), 1 + len(names))


def _show(terminal: Terminal, phantom: Phantom, out: Path) -> None:
    from deepvein.phantoms.writing import planted_record

    modality = phantom.scenario.modality.value
    shape = " × ".join(str(size) for size in phantom.image.grid.shape)
    terminal.show(f"{out}: synthetic {modality}, {shape} voxels, {_count(phantom.planted)}")
    for planted in phantom.planted:
        veins = ", ".join(segment.term.name for segment in planted.segments)
        terminal.show(
            f"  {planted.side.value} {veins}: {planted.length_mm:.0f} mm, {planted.volume_ml:.1f} ml, "
            f"{'occlusive' if planted.occlusive else 'partial'}"
        )
    records = [planted_record(planted) for planted in phantom.planted]
    terminal.emit({"folder": out, "modality": modality, "thrombi": records})


def _count(planted: tuple[PlantedThrombus, ...]) -> str:
    if not planted:
        return "no thrombus"
    return "1 thrombus planted" if len(planted) == 1 else f"{len(planted)} thrombi planted"
