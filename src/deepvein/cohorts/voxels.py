"""What the files of a cohort show, as a short text that changes with any voxel."""

from __future__ import annotations

import hashlib

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.promised import promise_of


def voxel_digest(cohort: Cohort) -> str:
    """12 hexadecimal digits of what images and masks show, wherever the files lie, in any order of cases.

    Of files that are only promised their promise counts. Raises as `open_case`.
    """
    digest = hashlib.sha256()
    for case in sorted(cohort, key=lambda one: one.case):
        promise = promise_of(case.image)
        if promise is not None:
            digest.update(promise.key.encode())
            continue
        opened = open_case(case, cohort.cache)
        digest.update("|".join((opened.image_digest, *opened.mask_digests, "")).encode())
    return digest.hexdigest()[:12]
