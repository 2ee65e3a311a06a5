"""What is saved comes back as it was; what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from deepvein.core.errors import ModelError
from deepvein.training.optimisers import optimiser
from deepvein.training.settings import OptimiserSettings
from deepvein.training.state import Position, load_state, load_terms, save_state
from unit.training.toy import ToySource, toy_network

ADAM = OptimiserSettings(kind="adamw")


def test_round_trip(tmp_path: Path) -> None:
    network, average = toy_network(1), toy_network(2)
    made = optimiser(ADAM, network)
    network(ToySource().batch(0).inputs).sum().backward()
    made.step()
    position = Position(
        step=3,
        losses=0.1 + 0.2,
        best=float("nan"),
        stopped="",
        precision={"scale": 65536.0, "growth": 3},
    )
    save_state(tmp_path / "state", position, {"a": 1}, network, average, made)

    other, other_average = toy_network(3), toy_network(4)
    other_made = optimiser(ADAM, other)
    found = load_state(tmp_path / "state", other, other_average, other_made)
    assert load_terms(tmp_path / "state") == {"a": 1}
    assert str(found) == str(position)
    assert isinstance(found.precision["growth"], int)
    for one, two in ((network, other), (average, other_average)):
        for name, value in one.state_dict().items():
            assert torch.equal(value, two.state_dict()[name])
    for number, moments in made.state_dict()["state"].items():
        for name, value in moments.items():
            assert torch.equal(value, other_made.state_dict()["state"][number][name])


def test_what_is_damaged_or_does_not_fit_is_refused(tmp_path: Path) -> None:
    network = toy_network()
    path = tmp_path / "state"
    save_state(path, Position(), {}, network, None, optimiser(ADAM, network))
    with pytest.raises(ModelError, match="no state of this training"):
        load_state(path, torch.nn.Linear(1, 1), None, optimiser(ADAM, network))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match="no state of this training"):
        load_state(path, network, None, optimiser(ADAM, network))
    with pytest.raises(ModelError, match="no state of a training"):
        load_terms(path)


def test_a_single_flipped_bit_is_noticed(tmp_path: Path) -> None:
    network = toy_network()
    path = tmp_path / "state"
    save_state(path, Position(step=7), {}, network, None, optimiser(ADAM, network))
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        load_state(path, network, None, optimiser(ADAM, network))
