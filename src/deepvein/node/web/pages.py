"""The page itself: files that were built from `page/` and come with the package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).parent / "static"

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@cache
def _files() -> dict[str, Path]:
    """All that there is, by its address below /assets: nothing else is ever opened."""
    return {path.name: path for path in (FOLDER / "assets").glob("*") if path.suffix in _KINDS}


@router.head("/assets/{name}")
@router.get("/assets/{name}")
def asset(name: str) -> FileResponse:
    """A file whose name tells its content, so that browsers may keep it for good."""
    path = _files().get(name)
    if path is None:
        raise HTTPException(404, "there is no such file")
    kept = {"cache-control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type=_KINDS[path.suffix], headers=kept)


@router.head("/")
@router.head("/studies/{study_id}")
@router.head("/dashboard")
@router.get("/")
@router.get("/studies/{study_id}")
@router.get("/dashboard")
def page(study_id: int | None = None) -> FileResponse:
    """The page; it shows by itself what its address asks for, once somebody has logged in."""
    del study_id
    path = FOLDER / "index.html"
    if not path.is_file():
        raise HTTPException(503, "the page was not built: run `make page` in the source tree")
    return FileResponse(path, media_type=_KINDS[".html"])
