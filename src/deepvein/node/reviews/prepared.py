"""Where the views of results lie: made by the worker, which has the study at hand, or when first asked for."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.node.reviews.view import View, load_view, prepare
from deepvein.screening.record import load_screening

if TYPE_CHECKING:
    from deepvein.node.database.schema import ResultRow

VIEW = "view"
"""In the folder of a result. It may be removed at any time: it is made again from the study's files."""

KEPT = 200
"""So many views stay, the last ones used: each holds the images once more."""

_preparing = threading.Lock()


def view_of(folder: Path, result: ResultRow) -> View:
    """The view of a result of the software in the node's `folder`, made if it is not there.

    Errors are those of `load_screening`.
    """
    place = folder / result.folder / VIEW
    found = load_view(place)
    if found is None:
        # One at a time: each needs the memory of a study.
        with _preparing:
            found = load_view(place) or prepare(load_screening(folder / result.folder), place)
        let_go(folder)
    place.touch()
    return found


def let_go(folder: Path, kept: int = KEPT) -> None:
    """Remove all views in the node's `folder` but the `kept` that were used last."""
    views = sorted(folder.glob(f"results/*/*/{VIEW}"), key=lambda path: path.stat().st_mtime)
    for path in views[: max(0, len(views) - kept)]:
        shutil.rmtree(path, ignore_errors=True)
