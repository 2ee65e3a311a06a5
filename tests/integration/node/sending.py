"""Sends every study of a folder again and again until the node has said yes to all: PORT FOLDER."""

from __future__ import annotations

import sys
import time
from itertools import groupby
from pathlib import Path

from pynetdicom import AE


def main(port: int, folder: Path) -> None:
    files = sorted(folder.glob("*.dcm"))
    studies = [list(group) for _, group in groupby(files, lambda path: path.name.split("-")[0])]
    entity = AE(ae_title="SCANNER")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 5
    entity.add_requested_context("1.2.840.10008.5.1.4.1.1.2", ["1.2.840.10008.1.2.1"])
    while studies:
        association = entity.associate("127.0.0.1", port)
        try:
            if association.is_established and all(
                association.send_c_store(path).get("Status") == 0x0000 for path in studies[0]
            ):
                studies.pop(0)
        except (RuntimeError, ValueError):
            pass  # the node was killed in mid-file
        if association.is_established:
            association.release()
        time.sleep(0.1)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
