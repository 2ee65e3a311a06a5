"""Print the SHA-256 of what the page is built from; `built.sha256` keeps that of the build in the package."""

import hashlib
import sys
from pathlib import Path

PAGE = Path(__file__).parent
NAMES = (
    "index.html",
    "licences.ts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
)

files = [PAGE / name for name in NAMES]
for folder in ("src", "licences", "public"):
    files += [path for path in (PAGE / folder).rglob("*") if path.is_file()]
digest = hashlib.sha256()
for path in sorted(files):
    digest.update(path.relative_to(PAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
sys.stdout.write(digest.hexdigest() + "\n")
