"""Every Python snippet of the README and the guide does what it shows, one page after the other.

The snippets of a page share their names, as a reader's session would, in a folder that holds what they
speak of: a DICOM study, a NIfTI file, and a folder without any image.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.writing import write_dicom
from deepvein.studies.nifti import write_nifti as write_volume
from deepvein.studies.study import Modality

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted(
    page
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    # The files of that page are run by test_docs, each under its own name.
    if _BLOCK.search(page.read_text()) and page.stem != "adding-a-network"
)
SMALL = PhantomSettings(ct=CtSettings(matrix=128, thickness_mm=8.0, planes=1, kvp=120))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("session")
    phantom = render(sample(23, Modality.CT, True, SMALL))
    write_dicom(phantom, folder / "study")
    write_volume(phantom.image, folder / "legs.nii.gz")
    (folder / "holiday-photos").mkdir()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_snippets_run(page: Path, session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(session)
    names: dict[str, object] = {"__name__": "snippet"}
    for number, text in enumerate(_BLOCK.findall(page.read_text()), start=1):
        exec(compile(text, f"{page.name}, snippet {number}", "exec"), names)
