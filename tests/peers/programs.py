"""Programs of others that read what is written; a test that lacks one says which package brings it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = {
    "dciodvfy": "dicom3tools (Debian)",
    "dcentvfy": "dicom3tools (Debian)",
    "DicomSRValidator": "pixelmed-apps (Debian)",
    "dcmdump": "dcmtk (Debian)",
    "dsrdump": "dcmtk (Debian)",
    "dcm2pdf": "dcmtk (Debian)",
    "dcmp2pgm": "dcmtk (Debian)",
    "echoscu": "dcmtk (Debian)",
    "storescu": "dcmtk (Debian)",
    "storescp": "dcmtk (Debian)",
    "findscu": "dcmtk (Debian)",
    "movescu": "dcmtk (Debian)",
    "getscu": "dcmtk (Debian)",
    "openssl": "openssl (Debian)",
    "systemd-analyze": "systemd (Debian)",
    "pdftotext": "poppler-utils (Debian)",
    "pdfinfo": "poppler-utils (Debian)",
    "pdffonts": "poppler-utils (Debian)",
    "pdftoppm": "poppler-utils (Debian)",
    "Orthanc": "orthanc (Debian)",
    "segimage2itkimage": "dcmqi (PyPI)",
    "tid1500reader": "dcmqi (PyPI)",
}
"""Which package brings a program."""


def find(name: str) -> Path:
    """Where a program lies; the test is skipped where it is not installed."""
    # Debian keeps daemons where users do not look.
    places = [*os.environ["PATH"].split(os.pathsep), "/usr/sbin"]
    if PACKAGES[name].endswith("(Debian)"):
        # pynetdicom brings programs that are called as those of DCMTK, into whatever environment it is in.
        own = {Path(sys.prefix, "bin"), Path(sys.executable).parent}
        places = [
            one
            for one in places
            if Path(one).absolute() not in own and not Path(one, "..", "pyvenv.cfg").exists()
        ]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed: it comes with {PACKAGES[name]}")
    return Path(found)


def call(name: str, *arguments: str | Path, status: int = 0) -> str:
    """What a program says on both streams; it must end with `status`."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    if name == "DicomSRValidator":
        # Java 17 takes the validator's templates for an attack.
        options = ("xpathTotalOpLimit", "xpathExprGrpLimit", "xpathExprOpLimit")
        environment["JAVA_TOOL_OPTIONS"] = " ".join(f"-Djdk.xml.{one}=0" for one in options)
    done = subprocess.run(
        [find(name), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, check=False,
    )  # fmt: skip
    said = done.stdout.decode(errors="replace")
    assert done.returncode == status, f"{name} ended with {done.returncode}: {said[-2000:]}"
    return said
