import gzip
import io
import zlib

import nibabel
import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from deepvein.core.errors import StudyError
from deepvein.studies import inflation
from deepvein.studies.dicom.header import read_header
from deepvein.studies.inflation import require_inflatable, require_small_inflation
from deepvein.studies.nifti import read_nifti
from deepvein.studies.nrrd import read_nrrd
from unit.studies import making


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def test_what_a_file_claims_is_compared_with_its_size(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(bytes(1000))
    require_inflatable(path, inflation.SMALL_BYTES)
    with pytest.raises(StudyError, match=r"unpacks to 1\.0 GB, more than 400 times its size"):
        require_inflatable(path, 2**30)


def test_what_comes_out_is_counted(monkeypatch):
    monkeypatch.setattr(inflation, "SMALL_BYTES", 1000)
    random = np.random.default_rng(0).bytes(100_000)
    require_small_inflation(io.BytesIO(b"before" + deflated(random)), 6)
    with pytest.raises(StudyError, match="more than 400 times its size"):
        require_small_inflation(io.BytesIO(b"before" + deflated(bytes(10**7))), 6)


def test_no_format_is_unpacked_to_its_claim(tmp_path, monkeypatch):
    monkeypatch.setattr(inflation, "SMALL_BYTES", 1000)
    monkeypatch.setattr(inflation, "MOST_RATIO", 50)
    nibabel.save(
        nibabel.Nifti1Image(np.zeros((200, 200, 60), np.int16), np.eye(4)), tmp_path / "a.nii.gz"
    )
    with pytest.raises(StudyError, match=r"a\.nii\.gz says that it unpacks"):
        read_nifti(tmp_path / "a.nii.gz")
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nsizes: 200 200 60\nspace: left-posterior-superior\n"
        "encoding: gzip\nendian: little\nspace directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\n\n"
    )
    (tmp_path / "a.nrrd").write_bytes(header.encode() + gzip.compress(bytes(200 * 200 * 60 * 2)))
    with pytest.raises(StudyError, match=r"a\.nrrd says that it unpacks"):
        read_nrrd(tmp_path / "a.nrrd")
    grid = making.grid_of((1, 600, 700))
    (one,) = making.datasets(grid, np.zeros(grid.shape, np.int16) - 1024)
    path = making.save(one, tmp_path / "a.dcm", DeflatedExplicitVRLittleEndian)
    assert "as a bomb does" in read_header(path).trouble
