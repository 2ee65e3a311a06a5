"""Where a node's settings come from: a TOML file, a folder, or both."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.settings import from_dict
from deepvein.node.bounds import check
from deepvein.node.settings import NodeSettings

CONFIG = "deepvein.toml"


def node_settings(config: Path | None, folder: Path | None) -> NodeSettings:
    """The settings in `config`, or in deepvein.toml of the folder, or else the defaults.

    folder: takes the place of the one that the file names; a relative one in the file is beside the file.
    Raises UsageError where neither is given, SettingsError for a file that does not fit, or
    holds what can never work (`bounds.check`).
    """
    if config is None and folder is not None and (folder / CONFIG).is_file():
        config = folder / CONFIG
    values = {} if config is None else _values(config)
    if folder is not None:
        values["folder"] = str(folder)
    elif config is not None and isinstance(values.get("folder"), str):
        values["folder"] = str(config.parent / values["folder"])
    if not isinstance(values.get("folder", ""), str):
        raise SettingsError(f"folder is {values['folder']!r}: expected a path")
    if "folder" not in values:
        raise UsageError(
            "where shall images and results go? Give --folder, or --config with a file that names the folder"
        )
    made = from_dict(NodeSettings, {**values, "folder": str(Path(values["folder"]).absolute())})
    check(made)
    return made


def _values(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors of Windows begin files with a mark
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read settings from {path}: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path} holds no settings")
    return values
