from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.errors import ModelError
from deepvein.findings.screening import Verdict
from deepvein.screening.bundle import BundleFolder
from deepvein.screening.screen import predict, read_again, screen
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.resample import cover
from deepvein.volumes.volume import Volume
from unit.findings.legs import VEIN_X_MM, Legs, Tube, axial
from unit.screening.tiny_models import write_reader


def test_a_prediction_lies_on_the_studys_own_grid(tiny_bundle, cohort):
    study = read_study(cohort.cases[0].image, Modality.CT)
    prediction = predict(study, tiny_bundle, "cpu")
    assert prediction.grid.matches(study.volume.grid)
    assert [model.name for model in prediction.models] == ["tiny/localiser", "tiny/segmenter"]
    assert prediction.models[0].sha256 != prediction.models[1].sha256


def test_the_order_of_slices_in_the_file_changes_nothing(tiny_bundle, cohort, tmp_path):
    """The same patient stored from head to feet with rows to the front gives the same voxels."""
    study = read_study(cohort.cases[0].image, Modality.CT)
    turned = orient(study.volume, study.volume.grid.directions * [-1.0, -1.0, 1.0])
    write_nifti(turned, tmp_path / "turned.nii")
    other = read_study(tmp_path / "turned.nii", Modality.CT)
    first, second = predict(study, tiny_bundle, "cpu"), predict(other, tiny_bundle, "cpu")
    np.testing.assert_array_equal(first.vein_probability, second.vein_probability[::-1, ::-1, :])


def test_nothing_is_found_far_from_every_territory(tiny_bundle, cohort, monkeypatch):
    """The localiser's answer is replaced by one block; the untrained segmenter speaks everywhere."""
    study = read_study(cohort.cases[0].image, Modality.CT)
    coarse = cover(study.volume.grid, 8.0)
    array = np.zeros(coarse.shape, np.uint8)
    middle = tuple(n // 2 for n in coarse.shape)
    array[tuple(slice(n - 3, n + 4) for n in middle)] = 7
    monkeypatch.setattr("deepvein.inference.localiser.localise", lambda *_: Volume(array, coarse))
    prediction = predict(study, tiny_bundle, "cpu")
    for probability in (prediction.vein_probability, prediction.thrombus_probability):
        assert probability.any()
        points = prediction.grid.to_world(np.argwhere(probability))
        away = np.abs(points - coarse.to_world([middle])[0])
        assert away.max() <= 3 * 8.0 + 8.0 + 4.0 + 1e-3


def test_the_plane_of_the_slices_changes_nothing(tiny_bundle, cohort, tmp_path):
    """The same voxels as coronal slices."""
    study = read_study(cohort.cases[0].image, Modality.CT)
    write_nifti(orient(study.volume, CORONAL), tmp_path / "coronal.nii")
    other = read_study(tmp_path / "coronal.nii", Modality.CT)
    first, second = predict(study, tiny_bundle, "cpu"), predict(other, tiny_bundle, "cpu")
    turned = orient(Volume(second.vein_probability, second.grid), study.volume.grid.directions)
    np.testing.assert_array_equal(first.vein_probability, turned.array)


def test_thick_slices_in_another_plane_are_answered_without_a_guess(tiny_bundle, cohort, tmp_path):
    volume = orient(read_nifti(cohort.cases[0].image), CORONAL)
    thick = Grid(volume.array[::2].shape, volume.grid.affine @ np.diag([2, 1, 1, 1]))
    write_nifti(Volume(volume.array[::2], thick), tmp_path / "coronal.nii")
    result = screen(
        tmp_path / "coronal.nii", modality=Modality.CT, models=tiny_bundle, device="cpu"
    )
    assert result.verdict is Verdict.NOT_ASSESSABLE
    assert result.probability is None
    assert result.findings == ()
    assert "other-plane" in [remark.code for remark in result.remarks]


@pytest.mark.parametrize("given", [str, lambda path: path])
def test_a_path_may_be_a_text(given, tiny_bundle, cohort):
    path = given(cohort.cases[0].image)
    result = screen(path, modality=Modality.CT, models=tiny_bundle, device="cpu")
    assert result.study.origin.location.name == "image.nii"
    assert result.verdict in Verdict


def test_a_second_reader_follows_the_veins_and_says_who_it_was(tiny_bundle, tmp_path):
    grid = axial()
    legs = Legs((Tube(Side.LEFT, 300, 400),))
    study, prediction = legs.study(grid), legs.prediction(grid)
    ways = vein_tree(prediction, study).ways
    with pytest.raises(ModelError, match="no second reader"):
        read_again(study, prediction, ways, tiny_bundle, "cpu")
    write_reader(tmp_path / "reader")
    bundle = BundleFolder(replace(tiny_bundle.bundle, reader="reader"), tmp_path)
    again = read_again(study, prediction, ways, bundle, "cpu")
    assert [model.name for model in again.models] == ["formula", "tiny/reader"]
    assert np.array_equal(again.vein_probability, prediction.vein_probability)
    # An untrained reader is undecided wherever it looks, and it looks only along the veins.
    marked = (again.thrombus_probability > 0) & (prediction.thrombus_probability == 0)
    assert marked.any()
    points = grid.to_world(np.argwhere(marked))
    assert np.abs(np.abs(points[:, 0]) - VEIN_X_MM).max() < 20
    assert np.abs(points[:, 1]).max() < 20
