from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cli.options import check_out, modality_of, settings_of
from deepvein.core.errors import OutputError, UsageError
from deepvein.studies.study import Modality


def test_values_are_read_as_toml_else_as_texts() -> None:
    pairs = [
        "steps=8",
        "rate=1e-3",
        "amp=true",
        "name=gn-unet",
        "sizes=[1, 2]",
        'title="8"',
        "empty=",
    ]
    assert settings_of(pairs) == {
        "steps": 8,
        "rate": 1e-3,
        "amp": True,
        "name": "gn-unet",
        "sizes": [1, 2],
        "title": "8",
        "empty": "",
    }


def test_dotted_keys_nest() -> None:
    assert settings_of(["loss.gamma=2.0", "loss.alpha=0.5", "a.b.c=1"]) == {
        "loss": {"gamma": 2.0, "alpha": 0.5},
        "a": {"b": {"c": 1}},
    }


@pytest.mark.parametrize("pair", ["steps", "=8", " =8"])
def test_a_pair_without_key_or_value_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="key=value"):
        settings_of([pair])


def test_a_value_cannot_have_parts() -> None:
    with pytest.raises(UsageError, match="has a value already"):
        settings_of(["loss=focal", "loss.gamma=2"])


def test_modality_of_a_name() -> None:
    assert modality_of("ct") is Modality.CT
    assert modality_of(None) is None


def test_out_may_be_new_or_a_folder_but_never_a_file(tmp_path: Path) -> None:
    check_out(tmp_path)
    check_out(tmp_path / "new" / "deeper")
    file = tmp_path / "file.txt"
    file.write_text("precious")
    for bad in (file, file / "below"):
        with pytest.raises(UsageError, match="is a file"):
            check_out(bad)
    assert file.read_text() == "precious"


def test_every_command_takes_the_same_devices() -> None:
    from typer.main import get_command

    found = dict(_with_device(get_command(app), ()))
    assert {"screen", "train", "tune", "evaluate"} <= {path[-1] for path in found}
    assert {option.metavar for option in found.values()} == {"[auto|cpu|cuda|cuda:N|mps]"}


@pytest.mark.parametrize("name", ["tpu", "cuda:x"])
def test_an_unknown_device_is_refused_before_anything_is_read(name: str) -> None:
    done = CliRunner().invoke(app, ["screen", "no-study", "--device", name])
    assert done.exit_code == 2
    assert f"unknown device '{name}'" in " ".join(done.output.split())


def _with_device(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Commands and their option, by the words that lead to them."""
    for option in command.params:
        if "--device" in option.opts:
            yield path, option
    for name, below in getattr(command, "commands", {}).items():
        yield from _with_device(below, (*path, name))


def test_a_folder_whose_name_is_too_long_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose a place that can be written to"):
        check_out(tmp_path / ("x" * 300))
