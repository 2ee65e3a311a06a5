"""All files of a result in its folder: made aside, bound to their study, and put in place together."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from deepvein.core.errors import DeepveinError, OutputError, ReportError, UsageError
from deepvein.core.files import alone_in, put, stage, storage_error, write_text
from deepvein.core.progress import Progress, silent
from deepvein.core.provenance import sha256
from deepvein.core.settings import to_dict
from deepvein.findings.screening import Screening
from deepvein.reports.manifest import (
    MANIFEST,
    FailedReport,
    Manifest,
    inputs,
    manifest_of,
    output,
    read_manifest,
)
from deepvein.reports.pictures import Pictures
from deepvein.reports.texts import encoded
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Report, ReportContext
from deepvein.studies.study import Remark

_LOG = logging.getLogger(__name__)

ARRIVING = ".arriving.json"
"""The manifest of files that are being moved into a folder: should that be interrupted, the next run
knows them as ours."""


@dataclass(frozen=True)
class Draft:
    """Reports that are written, but lie in a hidden `folder` still, without their manifest.

    remarks: what those that were asked for say of themselves, such as that this study cannot have them.
    """

    screening: Screening
    folder: Path
    manifest: Manifest
    remarks: tuple[Remark, ...] = ()

    @property
    def failed(self) -> tuple[FailedReport, ...]:
        return self.manifest.failed


def write(
    screening: Screening,
    folder: Path | str,
    names: Iterable[str] | None = None,
    *,
    context: ReportContext = EMPTY_CONTEXT,
    overwrite: bool = False,
    join: bool = False,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write the named reports (all by default) and manifest.json into `folder`, made if not there.

    Everything is made in a hidden folder and put in place when it is whole. A file that an earlier run
    wrote for the same study and nobody changed since is replaced; reports of an earlier screening that
    this one does not write are removed with it. Only the owner may read the files.

    Parameters
    ----------
    screening
        What is told.
    folder
        Where the files go; made if it is not there.
    names
        Of report writers (`deepvein screen --help` lists them); None for all.
    context
        What the reports tell beyond the screening, such as the command.
    overwrite
        Replace files that were changed since they were written.
    join
        Only beside other reports of this very screening, which somebody may have replaced meanwhile.
    progress
        Called with (stage, done, total).

    Returns
    -------
    tuple of Path
        The files of the reports in the order of writing, then the manifest.

    Raises
    ------
    UnknownNameError
        A report is not known.
    UsageError
        The folder holds results of another study, of another screening if these are to `join`, or a file that
        is not ours or was changed, unless `overwrite` is set for the latter.
    ReportError
        Some reports could not be written; the others are in place.
    OutputError
        The disk is full or the folder cannot be written to.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: give a folder for the reports")
    with drafted(screening, names, folder, context=context, progress=progress) as draft:
        written = place(draft, folder, overwrite=overwrite, join=join)
    if draft.failed:
        raise ReportError(told(draft.failed))
    return written


@contextmanager
def drafted(
    screening: Screening,
    names: Iterable[str] | None,
    beside: Path,
    *,
    context: ReportContext = EMPTY_CONTEXT,
    progress: Progress = silent,
) -> Iterator[Draft]:
    """The named reports, written into a hidden folder in or beside `beside`, to be put in place.

    A report that fails is told in the draft's manifest. Raises ReportError if none could be written, and
    as `write` does.
    """
    wanted = tuple(dict.fromkeys(WRITERS.names() if names is None else names))
    # In the order of registration, in which reports know those before them.
    writers = [(name, WRITERS.get(name)) for name in sorted(wanted, key=_rank)]
    with stage(beside if beside.is_dir() else beside.parent) as hidden:
        made = hidden / "reports"
        made.mkdir()
        built: dict[str, Report] = {}
        failed: list[FailedReport] = []
        context = replace(context, pictures=Pictures(screening))
        for done, (name, writer) in enumerate(writers):
            progress(f"writing {name}", done, len(writers))
            with _told(name, failed):
                report = writer(screening, context)
                built[name] = _saved(report, made, hidden)
                documents = (*context.documents, *report.documents)
                context = replace(context, documents=documents)
                remarks = dict.fromkeys((*screening.remarks, *report.remarks))
                screening = replace(screening, remarks=tuple(remarks))
        progress("writing", len(writers), len(writers))
        if failed and not any(report.documents for report in built.values()):
            raise ReportError(told(failed))
        outputs = tuple(
            output(made / document.name, name)
            for name, report in built.items()
            for document in report.documents
        )
        files = inputs(screening.study, context.listing)
        manifest = manifest_of(
            screening, files, outputs, tuple(built), tuple(failed), context.settings
        )
        said = _remarks(built, asked=names is not None)
        every = tuple(dict.fromkeys((*screening.remarks, *said)))
        yield Draft(replace(screening, remarks=every), made, manifest, said)


def place(
    draft: Draft, folder: Path, *, overwrite: bool = False, join: bool = False
) -> tuple[Path, ...]:
    """Put the files of a draft into `folder` and return their paths; errors are those of `write`.

    One process at a time does so to the folders that lie beside one another.
    """
    with alone_in(folder.parent):
        return _placed(draft, folder, overwrite, join)


def _placed(draft: Draft, folder: Path, overwrite: bool, join: bool) -> tuple[Path, ...]:
    manifest = draft.manifest
    earlier, arriving = read_manifest(folder / MANIFEST), read_manifest(folder / ARRIVING)
    for known in (earlier, arriving):
        if known is not None and not known.is_of(draft.screening.study, manifest.inputs):
            raise UsageError(
                f"{folder} holds the results of {known.described}, these are of {manifest.described}: choose "
                "another folder"
            )
    if join and (earlier is None or not earlier.is_from(draft.screening)):
        raise UsageError(
            f"{folder} no longer holds the screening that these reports are of, as another run has written "
            "there: write them anew"
        )
    ours = _hashes(folder, earlier, arriving)
    names = [Path(one.name) for one in manifest.outputs]
    foreign = [
        str(name)
        for name in (*names, Path(MANIFEST))
        if (folder / name).exists() and not overwrite and not _unchanged(folder, name, ours)
    ]
    if foreign:
        raise UsageError(
            f"{folder} holds {', '.join(foreign)}, which this run would overwrite: move what is "
            "yours away, or add --overwrite"
        )
    for name in (*names, Path(MANIFEST)):
        if (folder / name).is_dir():
            raise UsageError(f"{folder / name} is a folder: choose another folder for the reports")
    if earlier is not None and earlier.is_from(draft.screening):
        manifest = _joined(manifest, earlier)
    _save(manifest, draft.folder / MANIFEST)
    if not folder.exists() or not any(folder.iterdir()):
        put(draft.folder, folder, private=True)
    else:
        _move(draft, manifest, folder, ours)
    return (*(folder / name for name in names), folder / MANIFEST)


def manifest_in(folder: Path) -> Manifest | None:
    """Whose results a folder holds, also if their writing was interrupted; None if nobody's."""
    return read_manifest(folder / MANIFEST) or read_manifest(folder / ARRIVING)


def is_whole(folder: Path) -> bool:
    """Whether the last run that wrote into a folder came to its end."""
    return not (folder / ARRIVING).exists()


def told(failed: Iterable[FailedReport]) -> str:
    """One sentence about reports that could not be written."""
    reasons = "; ".join(f"{one.report} ({one.reason})" for one in failed)
    return f"not all reports could be written: {reasons}"


def _remarks(built: Mapping[str, Report], asked: bool) -> tuple[Remark, ...]:
    """What the reports say of themselves, each once; where they were asked for by name also which of them
    this study cannot have."""
    said = [remark for report in built.values() for remark in report.remarks]
    unfit = [
        Remark(f"no-{name}", f"No {name} could be written: {report.unfit}.")
        for name, report in built.items()
        if asked and report.unfit
    ]
    return tuple(dict.fromkeys((*said, *unfit)))


def _rank(name: str) -> int:
    """Place of a report in the order of building; unknown names come last, where they are refused."""
    names = WRITERS.names()
    return names.index(name) if name in names else len(names)


def _saved(report: Report, made: Path, hidden: Path) -> Report:
    """Save all documents of a report, or none."""
    aside = hidden / "report"
    aside.mkdir(exist_ok=True)
    for document in report.documents:
        document.save(aside / document.name)
    for document in report.documents:
        (aside / document.name).replace(made / document.name)
    return report


@contextmanager
def _told(name: str, failed: list[FailedReport]) -> Iterator[None]:
    """Keep one writer's trouble to itself; a full disk is everybody's."""
    try:
        yield
    except OutputError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and storage_error(error) is not None:
            raise
        _LOG.exception("the report %s failed", name)
        reason = (
            str(error) if isinstance(error, DeepveinError) else f"{type(error).__name__}: {error}"
        )
        failed.append(FailedReport(name, reason))


def _hashes(folder: Path, *manifests: Manifest | None) -> dict[str, set[str]]:
    """Names and hashes of the files that we wrote into `folder`, also in a run that was interrupted."""
    ours: dict[str, set[str]] = {}
    for manifest in manifests:
        for one in () if manifest is None else manifest.outputs:
            ours.setdefault(one.name, set()).add(one.sha256)
    if manifests[0] is not None:
        # It cannot hold its own hash; that it can be read tells that it is ours.
        ours[MANIFEST] = {sha256(folder / MANIFEST)}
    return ours


def _unchanged(folder: Path, name: Path, ours: dict[str, set[str]]) -> bool:
    path = folder / name
    return path.is_file() and sha256(path) in ours.get(name.as_posix(), ())


def _joined(manifest: Manifest, earlier: Manifest) -> Manifest:
    """The manifest of reports that join others of the same screening."""
    kept = tuple(one for one in earlier.outputs if one.report not in manifest.reports)
    reports = (
        *earlier.reports,
        *(name for name in manifest.reports if name not in earlier.reports),
    )
    return replace(manifest, outputs=(*kept, *manifest.outputs), reports=reports)


def _move(draft: Draft, manifest: Manifest, folder: Path, ours: dict[str, set[str]]) -> None:
    """Replace our files in `folder` one by one, the manifest last; others stay."""
    _save(manifest, folder / ARRIVING)
    kept = {one.name for one in manifest.outputs}
    for name in map(Path, ours):
        if name.as_posix() not in {*kept, MANIFEST} and _unchanged(folder, name, ours):
            (folder / name).unlink()
    for one in draft.manifest.outputs:
        put(draft.folder / one.name, folder / one.name, private=True)
    put(draft.folder / MANIFEST, folder / MANIFEST, private=True)
    (folder / ARRIVING).unlink(missing_ok=True)


def text_of(manifest: Manifest) -> str:
    """A manifest as its file tells it."""
    text = json.dumps(to_dict(manifest), indent=2, ensure_ascii=False) + "\n"
    return encoded(text).decode()


def _save(manifest: Manifest, path: Path) -> None:
    write_text(path, text_of(manifest), private=True)
