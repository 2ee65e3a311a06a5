"""manifest.json: what went in, what came out, and what made it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from deepvein.core.provenance import now, sha256
from deepvein.core.settings import to_dict
from deepvein.findings.screening import Screening
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, ReportContext
from deepvein.studies.study import Study

SCHEMA = "deepvein/manifest/1"
LISTED_FILES = 5000
"""Up to so many input files are listed one by one; beyond that only their common hash is kept."""


@WRITERS.register("manifest")
def write_manifest(
    screening: Screening, folder: Path, context: ReportContext = EMPTY_CONTEXT
) -> tuple[Path, ...]:
    """manifest.json; `context.outputs` are listed by their names relative to `folder`."""
    path = folder / "manifest.json"
    document = {
        "schema": SCHEMA,
        "study": screening.study.name,
        "study_uid": screening.study.identity.study_uid,
        "synthetic": screening.study.synthetic,
        "inputs": inputs(screening.study),
        "outputs": [
            {
                "name": output.relative_to(folder).as_posix(),
                "bytes": output.stat().st_size,
                "sha256": sha256(output),
            }
            for output in context.outputs
        ],
        "models": [dataclasses.asdict(model) for model in screening.prediction.models],
        "settings": None if context.settings is None else to_dict(context.settings),
        "provenance": dataclasses.asdict(screening.provenance),
        "times": {
            "started": screening.provenance.created,
            "written": now(),
            "inference_seconds": round(screening.prediction.seconds, 3),
            "screening_seconds": round(screening.seconds, 3),
        },
        "device": screening.prediction.device,
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return (path,)


def inputs(study: Study) -> dict[str, Any]:
    """Count, bytes and hashes of the files whose pixels were read.

    The common `sha256` is that of the files' sorted hexadecimal hashes, one a line, so that it depends
    neither on names nor on order. Files that are gone by now are counted as `missing`.
    """
    paths = sorted(set(study.origin.paths)) or [study.origin.location]
    present = [path for path in paths if path.is_file()]
    hashes = [sha256(path) for path in present]
    sizes = [path.stat().st_size for path in present]
    top = Path(os.path.commonpath([path.parent for path in present])) if present else Path()
    listed = len(present) <= LISTED_FILES
    return {
        "location": str(study.origin.location),
        "format": study.origin.format.value,
        "count": len(paths),
        "missing": len(paths) - len(present),
        "bytes": sum(sizes),
        "sha256": hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest(),
        "files": [
            {"name": path.relative_to(top).as_posix(), "bytes": size, "sha256": digest}
            for path, size, digest in zip(present, sizes, hashes, strict=True)
        ]
        if listed
        else [],
    }
