"""SOP classes of images whose pixels can be screened (PS3.4 annex B)."""

from __future__ import annotations

CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT Image",
    "1.2.840.10008.5.1.4.1.1.2.1": "Enhanced CT Image",
    "1.2.840.10008.5.1.4.1.1.2.2": "Legacy Converted Enhanced CT Image",
}
MR_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.4": "MR Image",
    "1.2.840.10008.5.1.4.1.1.4.1": "Enhanced MR Image",
    "1.2.840.10008.5.1.4.1.1.4.4": "Legacy Converted Enhanced MR Image",
}
IMAGE_CLASSES = CT_CLASSES | MR_CLASSES

MULTI_FRAME_CLASSES = {uid for uid, name in IMAGE_CLASSES.items() if "Enhanced" in name}
"""Those whose frames are told apart by functional groups (PS3.3 C.7.6.16)."""
