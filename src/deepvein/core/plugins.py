"""Implementations that do not come with deepvein: files and packages that register themselves on import.

Installed packages name their modules as entry points of the group `deepvein.plugins`; the command line's
`--import` names further files or modules for one run. Both are imported when a registry is first asked,
in the processes that a command starts too.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

from deepvein.core.errors import UsageError

GROUP = "deepvein.plugins"

VARIABLE = "DEEPVEIN_IMPORT"
"""Environment variable with what to import, divided as PATH is; `--import` sets it, so that it reaches
processes that are started later."""

_taken: set[str] = set()
"""What has been imported, or is being: a plug-in may itself ask a registry."""


def ask_for(plugins: tuple[str, ...]) -> None:
    """Import these files (`FILE.py`) or modules before the next look into a registry.

    Raises UsageError for a file that does not exist.
    """
    for plugin in plugins:
        if _is_file(plugin) and not Path(plugin).is_file():
            raise UsageError(f"--import {plugin}: there is no such file")
    absolute = (str(Path(name).resolve()) if _is_file(name) else name for name in plugins)
    wanted = dict.fromkeys((*_asked_for(), *absolute))
    os.environ[VARIABLE] = os.pathsep.join(wanted)


def load_plugins() -> None:
    """Import what is installed or asked for and has not been; UsageError for what cannot be imported."""
    for plugin in (*_installed(), *_asked_for()):
        if plugin in _taken:
            continue
        _taken.add(plugin)
        try:
            _import(plugin)
        except UsageError:
            _taken.discard(plugin)
            raise
        except Exception as error:
            _taken.discard(plugin)
            raise UsageError(
                f"the plug-in {plugin} cannot be imported, {type(error).__name__}: {error}"
            ) from error


@cache
def _installed() -> tuple[str, ...]:
    from importlib.metadata import entry_points

    return tuple(entry.module for entry in entry_points(group=GROUP))


def _asked_for() -> tuple[str, ...]:
    return tuple(filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)))


def _is_file(plugin: str) -> bool:
    return plugin.endswith(".py")


def _import(plugin: str) -> None:
    if not _is_file(plugin):
        import_module(plugin)
        return
    # Under its own name on the path, so that other processes can unpickle what it defines.
    path = Path(plugin)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    found = import_module(path.stem).__file__
    if found is None or Path(found).resolve() != path:
        raise UsageError(f"{path} has the name of the module {found}; call it otherwise")
