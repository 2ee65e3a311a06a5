"""Names that no file or folder can have under Windows, and none should have on a disk that others share."""

from __future__ import annotations

import re

_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])\s*(\..*)?", re.IGNORECASE)
_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[ .]$')


def is_device(name: str) -> bool:
    """Whether a name is that of a device such as `con`, be it with a suffix: `aux.nii`."""
    return _DEVICE.fullmatch(name) is not None


def is_forbidden(name: str) -> bool:
    """Whether Windows takes no file of this name: devices, `a:b`, dots and blanks at the end."""
    return is_device(name) or _SIGNS.search(name) is not None
