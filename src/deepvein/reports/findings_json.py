"""findings.json: the answer for machines. Its schema is `schema/findings-1.json`."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np

from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import Prediction
from deepvein.reports.texts import NOT_A_DEVICE, encoded
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.source import SourceFrame, nearest_frame
from deepvein.volumes.grid import Grid

SCHEMA = "deepvein/findings/1"
FINDINGS = "findings.json"
DIGITS = 6
"""Digits behind the point of what is stored, and so of a screening that is loaded again."""


@WRITERS.register("json")
def findings_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """findings.json with everything that is known about the study and each thrombus."""
    del context
    text = json.dumps(document(screening), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return Report((Document(FINDINGS, lambda path: path.write_bytes(encoded(text))),))


def document(screening: Screening) -> dict[str, Any]:
    """Plain values ready for JSON; positions are LPS mm, indices count from 0, NaN becomes null."""
    study, prediction, point = screening.study, screening.prediction, screening.operating_point
    grid, sources = study.volume.grid, study.origin.sources
    plain: dict[str, Any] = _finite(
        {
            "schema": SCHEMA,
            "research_use_only": True,
            "notice": NOT_A_DEVICE,
            "synthetic": study.synthetic,
            "study": {
                "name": study.name,
                "modality": study.modality.value,
                "laterality": study.laterality.value if study.laterality else None,
                "format": study.origin.format.value,
                **dataclasses.asdict(study.identity),
                "grid": _grid(grid),
            },
            "verdict": screening.verdict.name.lower(),
            "verdict_text": screening.verdict.value,
            "probability": screening.probability,
            "operating_point": dataclasses.asdict(point),
            "findings": [
                _finding(finding, grid, nearest_frame(sources, finding.key_point_mm))
                for finding in screening.findings
            ],
            "remarks": [dataclasses.asdict(remark) for remark in screening.remarks],
            "series": [dataclasses.asdict(summary) for summary in study.origin.series],
            **_predicted(prediction),
            "seconds": round(screening.seconds, 3),
            "provenance": dataclasses.asdict(screening.provenance),
        }
    )
    return plain


def _predicted(prediction: Prediction | None) -> dict[str, Any]:
    """What the models said about the whole study; nothing where none was asked."""
    if prediction is None:
        return {"profile": {"positions_mm": [], "probability": []}, "models": [], "device": ""}
    return {
        "profile": {
            "positions_mm": np.round(prediction.profile.positions_mm, 3).tolist(),
            "probability": [round(float(p), 4) for p in prediction.profile.probability],
        },
        "models": [dataclasses.asdict(model) for model in prediction.models],
        "device": prediction.device,
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "shape": list(grid.shape),
        "spacing_mm": [round(value, 6) for value in grid.spacing_mm],
        "affine": grid.affine.tolist(),
        "frame_of_reference": grid.frame_of_reference,
    }


def _finding(finding: Finding, grid: Grid, source: SourceFrame | None) -> dict[str, Any]:
    return {
        "number": finding.number,
        "place": finding.place,
        "side": finding.side.value,
        "side_code": finding.side.code,
        "level": finding.level.value,
        "segments": [
            {
                "name": share.segment.term.name,
                "abbreviation": share.segment.term.abbreviation,
                "level": share.segment.level.value,
                "code": share.segment.term.code,
                "code_scheme": "SCT",
                "code_meaning": share.segment.term.code_meaning,
                "volume_ml": share.volume_ml,
                "extent_mm": share.extent_mm,
            }
            for share in finding.segments
        ],
        "start_mm": finding.start_mm,
        "end_mm": finding.end_mm,
        "extent_mm": finding.extent_mm,
        "volume_ml": finding.volume_ml,
        "diameter_mm": finding.diameter_mm,
        "occlusion": finding.occlusion.value,
        "occluded_fraction": finding.occluded_fraction,
        "probability": finding.probability,
        "mean_intensity": finding.mean_intensity,
        "key_slice": finding.key_slice,
        "key_point_mm": list(finding.key_point_mm),
        "key_image": _source(source),
        "tracking_uid": finding.tracking_uid,
        "voxels": len(finding.indices),
        "bounding_box": _box(finding, grid),
    }


def _source(frame: SourceFrame | None) -> dict[str, Any] | None:
    if frame is None:
        return None
    return {
        "sop_class_uid": frame.sop_class_uid,
        "sop_instance_uid": frame.sop_instance_uid,
        "series_instance_uid": frame.series_instance_uid,
        "instance_number": frame.instance_number,
        "frame_number": frame.number,
    }


def _box(finding: Finding, grid: Grid) -> dict[str, Any]:
    """First and one-past-last index, and the outer corners in LPS mm."""
    start = finding.indices.min(axis=0)
    stop = finding.indices.max(axis=0) + 1
    box = grid.crop(tuple(start.tolist()), tuple(stop.tolist()))
    return {
        "start": start.tolist(),
        "stop": stop.tolist(),
        "lowest_mm": np.round(box.corners_mm.min(axis=0), 3).tolist(),
        "highest_mm": np.round(box.corners_mm.max(axis=0), 3).tolist(),
    }


def _finite(value: Any) -> Any:
    """JSON has no NaN: what is not a finite number is said to be unknown."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if isinstance(value, float | np.floating):
        return round(float(value), DIGITS) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
