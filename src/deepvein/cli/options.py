"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from deepvein.core.devices import check_device
from deepvein.core.errors import OutputError, UsageError

if TYPE_CHECKING:
    from deepvein.studies.study import Modality

T = TypeVar("T")

ModalityName = Literal["ct", "mr"]


def _there(name: str) -> str:
    try:
        check_device(name)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from error
    return name


def _installed(name: str) -> str:
    if name == "auto":
        return name
    from deepvein.inference.engines import engine_named

    try:
        engine_named(name)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from error
    return name


Device = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="[auto|cpu|cuda|cuda:N|mps]",
        callback=_there,
        help="Where networks compute; auto takes a GPU if there is one.",
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="[auto|torch|bfloat16|onnx|openvino]",
        callback=_installed,
        help="What computes the segmenter; auto is bfloat16 on processors that multiply in it, else torch.",
    ),
]
ModalityOption = Annotated[
    ModalityName | None,
    typer.Option(
        "--modality",
        case_sensitive=False,
        help="What a NIfTI or NRRD file shows; DICOM says it itself.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.", show_default=False)]
CohortFolder = Annotated[
    Path, typer.Option("--cohort", help="Folder with cohort.csv, or a table.", show_default=False)
]
TrialWorkers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes that screen cases, on one core and with about 2 GB of memory each.",
        show_default="1",
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        help="Folder to keep finished cases in, so that an interrupted run goes on from there.",
        show_default=False,
    ),
]

Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting, dotted where it lies deeper; may be given several times.",
        show_default=False,
    ),
]


def modality_named(name: ModalityName) -> Modality:
    """The modality that a word of the command line names."""
    from deepvein.studies.study import Modality

    return Modality(name.upper())


def modality_of(name: ModalityName | None) -> Modality | None:
    """The modality that an option names, None if it was not given."""
    return None if name is None else modality_named(name)


_LONGEST_SHOWN = 120


def check_out(folder: Path) -> None:
    """UsageError if `folder` cannot become a folder because a file has its name, OutputError if the system will
    not have it, as where a name is too long."""
    for part in (folder, *folder.parents):
        try:
            there = part.exists()
        except OSError as error:
            shown = str(folder)[:_LONGEST_SHOWN]
            raise OutputError(
                f"cannot write {shown} ({error.strerror}): choose a place that can be written to"
            ) from error
        if there:
            if not part.is_dir():
                raise UsageError(f"--out {folder} cannot be a folder, {part} is a file")
            return


def settings_of(pairs: list[str]) -> dict[str, Any]:
    """Values of `key=value` texts; a value is read as TOML (`8`, `1e-3`, `true`), else as a text.

    A dotted key (`loss.gamma=2`) makes nested tables.
    """
    import tomllib

    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set {pair!r} is not key=value, such as --set batch=4")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        table = values
        *heads, last = key.strip().split(".")
        for head in heads:
            table = table.setdefault(head, {})
            if not isinstance(table, dict):
                raise UsageError(
                    f"--set {pair!r} sets a part of {head!r}, which has a value already"
                )
        table[last] = value
    return values


def changed(settings: T, changes: dict[str, Any]) -> T:
    """A dataclass of settings with some values changed, nested ones too; SettingsError if they do not fit."""
    from deepvein.core.settings import from_dict, to_dict

    return from_dict(type(settings), _merged(to_dict(settings), changes))


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        nested = isinstance(value, dict) and isinstance(old.get(key), dict)
        merged[key] = _merged(old[key], value) if nested else value
    return merged


def report_names(text: str) -> tuple[str, ...]:
    """The report writers that a list with commas names; UnknownNameError for one that is not there."""
    from deepvein.reports import WRITERS

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(f"--write names none (known: {', '.join(WRITERS.names())})")
    for name in names:
        WRITERS.get(name)
    return names
