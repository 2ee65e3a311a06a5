"""manifest.json: whose results a folder holds, what went in, what came out, and what made it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deepvein.core.errors import SettingsError
from deepvein.core.provenance import Provenance, now, sha256
from deepvein.core.settings import from_dict, to_dict
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import EngineIdentity, ModelIdentity
from deepvein.reports.findings_json import DIGITS
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Report, ReportContext
from deepvein.studies.study import Study

MANIFEST = "manifest.json"
SCHEMA = "deepvein/manifest/2"


@dataclass(frozen=True)
class ListedFile:
    """A file by its name relative to its folder, with its size and hexadecimal SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Output(ListedFile):
    """A file that was written, and the report that it belongs to."""

    report: str = ""


@dataclass(frozen=True)
class Inputs:
    """The files whose pixels were read.

    sha256: that of the files' sorted hexadecimal hashes, one a line, so that it depends neither on names
    nor on order. missing: files that were gone when this was written. listing: the state of all files at
    the location before they were read; empty if nobody looked.
    """

    location: str
    format: str
    count: int
    missing: int
    bytes: int
    sha256: str
    files: tuple[ListedFile, ...]
    listing: str = ""


@dataclass(frozen=True)
class Answer:
    """The result in short, as a summary of many studies lists it."""

    modality: str
    verdict: str
    probability: float | None
    findings: int
    places: str


@dataclass(frozen=True)
class FailedReport:
    """A report that was asked for and could not be written, and why."""

    report: str
    reason: str


@dataclass(frozen=True)
class Times:
    """ISO 8601 in UTC, and seconds."""

    started: str
    written: str
    inference_seconds: float
    screening_seconds: float


@dataclass(frozen=True)
class Manifest:
    """One folder of results.

    reports: names of the report writers that wrote it, also those that had nothing to say.
    settings: plain values of what the screening ran with, None if nobody said.
    engines: what computed each of the models, in their order.
    """

    study: str
    patient_id: str
    study_uid: str
    synthetic: bool
    answer: Answer
    inputs: Inputs
    outputs: tuple[Output, ...]
    reports: tuple[str, ...]
    models: tuple[ModelIdentity, ...]
    settings: dict[str, Any] | None
    provenance: Provenance
    times: Times
    device: str
    failed: tuple[FailedReport, ...] = ()
    engines: tuple[EngineIdentity, ...] = ()
    schema: str = field(default=SCHEMA)

    @property
    def described(self) -> str:
        """Whose results these are, in words for an error message."""
        study = f"study {self.study_uid}" if self.study_uid else f"study {self.study!r}"
        return f"{study} of patient {self.patient_id!r}" if self.patient_id else study

    def is_of(self, study: Study, files: Inputs) -> bool:
        """Whether these are results of `study`, whose files are `files`.

        Patient and Study Instance UID must be equal. Both may be missing or reused (anonymisers do that),
        so the study must also have a file in common with that of then, or still lie where it lay. A file
        without a UID, such as NIfTI, is the same only if its bytes are.
        """
        if (self.patient_id, self.study_uid) != owner(study):
            return False
        if self.study_uid and self.inputs.location == files.location:
            return True
        return bool({one.sha256 for one in self.inputs.files} & {one.sha256 for one in files.files})

    def is_from(self, screening: Screening) -> bool:
        """Whether these are reports of this very screening, computed just now or loaded again.

        A version may name its places in other words.
        """
        mine, its = (_stored(one) for one in (self.answer, _answer(screening)))
        return (self.provenance, mine) == (screening.provenance, its)


@WRITERS.register("manifest")
def no_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """manifest.json is written with any report; under this name it can be asked for alone."""
    del screening, context
    return Report()


def manifest_of(
    screening: Screening,
    files: Inputs,
    outputs: tuple[Output, ...],
    reports: tuple[str, ...],
    failed: tuple[FailedReport, ...],
    settings: object | None = None,
) -> Manifest:
    """The manifest of a folder with these outputs."""
    study, prediction = screening.study, screening.prediction
    patient, study_uid = owner(study)
    return Manifest(
        study=study.name,
        patient_id=patient,
        study_uid=study_uid,
        synthetic=study.synthetic,
        answer=_answer(screening),
        inputs=files,
        outputs=outputs,
        reports=reports,
        failed=failed,
        models=() if prediction is None else prediction.models,
        settings=_plain(settings),
        provenance=screening.provenance,
        times=Times(
            started=screening.provenance.created,
            written=now(),
            inference_seconds=0.0 if prediction is None else round(prediction.seconds, 3),
            screening_seconds=round(screening.seconds, 3),
        ),
        device="" if prediction is None else prediction.device,
        engines=() if prediction is None else prediction.engines,
    )


def owner(study: Study) -> tuple[str, str]:
    """The patient, by ID or else by name, and the Study Instance UID; empty where headers say nothing."""
    identity = study.identity
    return identity.patient_id or identity.patient_name, identity.study_uid


def _plain(settings: object | None) -> dict[str, Any] | None:
    return settings if settings is None or isinstance(settings, dict) else to_dict(settings)


def read_manifest(path: Path) -> Manifest | None:
    """The manifest at `path`; None if there is none that we wrote."""
    try:
        return manifest_from(path.read_bytes())
    except OSError:
        return None


def manifest_from(text: bytes) -> Manifest | None:
    """The manifest in a file's content; None if it is none that we wrote."""
    try:
        manifest = from_dict(Manifest, json.loads(text.decode()))
    except (ValueError, SettingsError):
        return None
    return manifest if manifest.schema == SCHEMA else None


def output(path: Path, report: str) -> Output:
    """A file of a report at the top of its folder."""
    return Output(path.name, path.stat().st_size, sha256(path), report)


def inputs(study: Study, listing: str = "") -> Inputs:
    """What went in; files that are gone by now are counted as missing."""
    paths = sorted(set(study.origin.paths)) or [study.origin.location]
    present = [path for path in paths if path.is_file()]
    top = Path(os.path.commonpath([path.parent for path in present])) if present else Path()
    files = tuple(
        ListedFile(path.relative_to(top).as_posix(), path.stat().st_size, sha256(path))
        for path in present
    )
    hashes = "\n".join(sorted(file.sha256 for file in files))
    return Inputs(
        location=str(study.origin.location.absolute()),
        format=study.origin.format.value,
        count=len(paths),
        missing=len(paths) - len(present),
        bytes=sum(file.bytes for file in files),
        sha256=hashlib.sha256(hashes.encode()).hexdigest(),
        files=files,
        listing=listing,
    )


def _answer(screening: Screening) -> Answer:
    return Answer(
        modality=screening.study.modality.value,
        verdict=screening.verdict.value,
        probability=screening.probability,
        findings=len(screening.findings),
        places="; ".join(finding.place for finding in screening.findings),
    )


def _stored(answer: Answer) -> Answer:
    """What of an answer comes back when a screening is loaded again."""
    chance = answer.probability
    return replace(answer, places="", probability=None if chance is None else round(chance, DIGITS))
