"""A node with a study that was screened, without receiver, queue or networks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from zlib import crc32

from pydicom import dcmread

from deepvein.findings.screening import Screening, Verdict
from deepvein.node.database.database import Database
from deepvein.node.database.schema import DeliveryRow, JobRow, ObjectRow, ResultRow, StudyRow
from deepvein.node.states import DeliveryState, JobState, StudyState
from deepvein.reports import write
from deepvein.studies.reading import read_study
from deepvein.volumes.grid import Grid
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

REPORTS = ("json", "nifti", "seg", "sr")


def write_result(
    folder: Path,
    verdict: Verdict = Verdict.SUSPECTED,
    orientation: str = "axial",
    grid: Grid | None = None,
) -> Screening:
    """A DICOM study in `folder`/study and its result in `folder`/result; grid: another one."""
    grid = grid or orientation_grid(orientation)
    shown = screening(grid=grid).study.volume
    # Two patients never show the same voxels.
    array = shown.array.copy()
    array[tuple(n // 2 for n in array.shape)] += crc32(folder.name.encode()) % 50
    write_series(dataclasses.replace(shown, array=array), folder / "study")
    study = read_study(folder / "study")
    made = dataclasses.replace(screening(grid=study.volume.grid, verdict=verdict), study=study)
    write(made, folder / "result", REPORTS)
    return made


def enter_result(
    database: Database, node: Path, place: str, made: Screening, patient: str = "Phantom^One"
) -> int:
    """The rows of a result that lies in `node`/`place`/result; the study's number comes back."""
    uid = f"{made.study.identity.study_uid}.{place}"
    with database.writing() as session:
        study = StudyRow(
            uid=uid, state=StudyState.SCREENED, patient_name=patient, patient_id=f"ID-{place}",
            urgency=0.5 if made.probability is None else made.probability, birth_date="19600101",
            study_date="20250101", sex="F", description="CT venography",
        )  # fmt: skip
        session.add(study)
        session.flush()
        job = JobRow(study_id=study.id, revision=1, priority=1, state=JobState.DONE)
        session.add(job)
        session.flush()
        result = ResultRow(
            study_id=study.id, job_id=job.id, revision=1, verdict=made.verdict.value,
            probability=made.probability, findings=len(made.findings), folder=f"{place}/result",
            places="; ".join(one.place for one in made.findings),
            extent_mm=max((one.extent_mm for one in made.findings), default=None),
        )  # fmt: skip
        session.add(result)
        session.flush()
        for path in sorted((node / place / "result").glob("*.dcm")):
            header = dcmread(path, stop_before_pixels=True)
            session.add(
                ObjectRow(
                    result_id=result.id, uid=header.SOPInstanceUID, sop_class=header.SOPClassUID,
                    name=path.name,
                )
            )  # fmt: skip
        session.add(
            DeliveryRow(result_id=result.id, destination="pacs", state=DeliveryState.DELIVERED)
        )
        return study.id
