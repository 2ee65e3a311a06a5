from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from deepvein.phantoms.ct.protocol import STORAGES, CtSettings
from deepvein.phantoms.ct.scanner import CtScan
from deepvein.phantoms.ct.storage import PADDING, store
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.writing import write_dicom
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality


@pytest.mark.parametrize("storage", STORAGES)
def test_every_variant_reads_back_to_the_same_hounsfield_units(
    storage: str, tmp_path: Path
) -> None:
    small = CtSettings(
        matrix=64, thickness_mm=40.0, planes=1, coverage="whole", storages=((storage, 1.0),)
    )
    phantom = render(sample(6, Modality.CT, True, PhantomSettings(ct=small)))
    files = write_dicom(phantom, tmp_path)
    study = read_study(tmp_path)
    assert np.array_equal(study.volume.array, phantom.image.array)
    head = pydicom.dcmread(files[0])
    scan = phantom.scenario.scan
    assert isinstance(scan, CtScan)
    assert (head.Manufacturer, head.ManufacturerModelName) == (scan.manufacturer, scan.model)
    assert head.BitsStored == (12 if storage == "unsigned 12" else 16)
    assert head.HighBit == head.BitsStored - 1
    assert head.PixelRepresentation == storage.startswith("signed")
    assert head.RescaleIntercept == (0 if storage == "signed 16" else -1024)
    if storage == "unsigned 12":
        assert 0 <= head.pixel_array.min() <= head.pixel_array.max() <= 4095
    if storage == "signed 16 padded":
        assert head.PixelPaddingValue == PADDING
        assert head.pixel_array[0, 0] == PADDING
        assert phantom.image.array[0, 0, 0] == -1024


def test_an_unknown_storage_is_refused() -> None:
    scan = sample(6, Modality.CT, False).scan
    assert isinstance(scan, CtScan)
    with pytest.raises(ValueError, match="signed 8"):
        store(pydicom.Dataset(), replace(scan, storage="signed 8"), np.zeros((2, 2), np.int16))
