"""`deepvein phantom`: synthetic labelled studies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.options import ModalityName, Out, check_out, modality_of
from deepvein.cli.terminal import Terminal

app = typer.Typer(
    help="Make synthetic legs with known veins and thrombi, as real DICOM studies or NIfTI files.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
)

FileFormat = Literal["dicom", "nifti"]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help="The same seed makes the same pixels on any machine.")
]
Dvt = Annotated[
    bool | None,
    typer.Option(
        "--dvt/--no-dvt",
        help="With or without thrombi; left to the seed if not given.",
        show_default=False,
    ),
]


def _maker(name: ModalityName) -> Callable[..., None]:
    def make(
        terminal: Terminal,
        *,
        out: Out,
        seed: Seed = 0,
        dvt: Dvt = None,
        file_format: Annotated[
            FileFormat, typer.Option("--format", help="Format of the study.")
        ] = "dicom",
    ) -> None:
        from deepvein.phantoms import phantom, writing

        modality = modality_of(name)
        check_out(out)
        with terminal.progress() as progress:
            made = phantom.render(phantom.sample(seed, modality, dvt), progress)
            write = writing.write_dicom if file_format == "dicom" else writing.write_nifti
            paths = write(made, out)
        terminal.emit({"folder": out, "files": len(paths), "planted": made.planted})

    make.__doc__ = f"Make one synthetic {name.upper()} venography of the legs."
    return make


app.command("ct", epilog=EXIT_CODES)(command(_maker("ct")))
app.command("mr", epilog=EXIT_CODES)(command(_maker("mr")))
