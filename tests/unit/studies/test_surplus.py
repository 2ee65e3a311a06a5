import gzip

import numpy as np
import pytest

from deepvein.core.errors import StudyError
from deepvein.studies.masks.reading import read_labels
from deepvein.studies.nifti import nifti_header, write_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.studies.surplus import surplus
from deepvein.volumes.volume import Volume
from unit.studies import making

GRID = making.grid_of((12, 14, 16))
ARRAY = making.ramp(GRID.shape, -1000)
VOXELS = nifti_header(GRID, "<i2") + ARRAY.astype("<i2").tobytes()
NRRD = (
    "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 16 14 12\nendian: little\n"
    "space directions: (1,0,0) (0,1,0) (0,0,2)\nspace origin: (0,0,0)\nencoding: {}\n"
)


def remarks(path):
    study = read_study(path, Modality.CT)
    np.testing.assert_array_equal(study.volume.array, ARRAY)
    return [one.text for one in study.remarks if one.code == "surplus-bytes"]


def nifti(path, more=b"", behind=b""):
    data = VOXELS + more
    path.write_bytes((gzip.compress(data) if path.name.endswith(".gz") else data) + behind)
    return path


def nrrd(path, encoding, more=b"", behind=b""):
    data = ARRAY.astype("<i2").tobytes() + more
    packed = (gzip.compress(data) if encoding == "gzip" else data) + behind
    head = NRRD.format(encoding)
    if path.suffix == ".nhdr":
        path.with_suffix(".data").write_bytes(packed)
        path.write_text(f"{head}data file: {path.stem}.data\n")
    else:
        path.write_bytes(head.encode() + b"\n" + packed)
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_bytes_behind_the_voxels_of_nifti_are_remarked_on(tmp_path, suffix):
    assert remarks(nifti(tmp_path / f"good{suffix}")) == []
    (told,) = remarks(nifti(tmp_path / f"more{suffix}", more=bytes(400)))
    assert told.startswith(
        f"more{suffix} holds 400 bytes behind the voxels that its header describes"
    )


def test_what_stands_behind_a_gzip_stream_is_remarked_on_unless_it_is_padding(tmp_path):
    (told,) = remarks(nifti(tmp_path / "tail.nii.gz", behind=b"no gzip"))
    assert "holds 7 bytes behind" in told
    (told,) = remarks(nifti(tmp_path / "second.nii.gz", behind=gzip.compress(b"abcd")))
    assert "holds 4 bytes behind" in told
    assert remarks(nifti(tmp_path / "padded.nii.gz", behind=bytes(512))) == []


def test_streams_that_together_hold_the_voxels_are_no_surplus(tmp_path):
    path = tmp_path / "parallel.nii.gz"
    path.write_bytes(gzip.compress(VOXELS[:1000]) + gzip.compress(VOXELS[1000:]))
    assert remarks(path) == []


@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr"])
@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_bytes_behind_the_voxels_of_nrrd_are_remarked_on(tmp_path, name, encoding):
    assert remarks(nrrd(tmp_path / name, encoding)) == []
    (told,) = remarks(nrrd(tmp_path / name, encoding, more=bytes(400)))
    assert "holds 400 bytes behind the voxels" in told
    (told,) = remarks(nrrd(tmp_path / name, encoding, behind=b"no gzip"))
    assert "holds 7 bytes behind the voxels" in told


def test_a_packed_file_whose_checksum_does_not_fit_is_refused(tmp_path):
    for path in (nifti(tmp_path / "a.nii.gz"), nrrd(tmp_path / "a.nrrd", "gzip")):
        data = bytearray(path.read_bytes())
        data[-6] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(StudyError, match="its checksum does not fit.*copy it again"):
            read_study(path, Modality.CT)


def test_masks_are_remarked_on_as_images_are(tmp_path):
    labels = np.zeros(GRID.shape, np.uint8)
    labels[4:6, 5:8, 5:8] = 1
    path = tmp_path / "mask.nii"
    write_nifti(Volume(labels, GRID), path)
    with path.open("ab") as file:
        file.write(b"more")
    (told,) = read_labels(path, GRID).remarks
    assert "mask.nii holds 4 bytes behind" in told


def test_a_bomb_behind_the_voxels_is_not_counted_to_its_end(tmp_path):
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(300):
            file.write(bytes(1 << 20))
    with pytest.raises(StudyError, match="holds more than 268435456 bytes more"):
        surplus(path, 0, 100, part=10, packed=True)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_slice_more_than_the_header_describes_is_refused(tmp_path, suffix):
    path = nifti(tmp_path / f"more{suffix}", more=bytes(2 * 14 * 16))
    with pytest.raises(
        StudyError, match="holds 448 bytes more than the voxels that its header describes"
    ):
        read_study(path, Modality.CT)
    with pytest.raises(StudyError, match="448 bytes more"):
        read_study(nrrd(tmp_path / "more.nrrd", "gzip", more=bytes(448)), Modality.CT)
