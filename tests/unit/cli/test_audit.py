from pathlib import Path

from typer.testing import CliRunner

from deepvein.cli.main import app

runner = CliRunner()


def test_an_audit_needs_six_studies(tmp_path: Path) -> None:
    done = runner.invoke(app, ["phantom", "audit", "--n", "3", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_file_cannot_become_the_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    done = runner.invoke(app, ["phantom", "audit", "--n", "6", "--out", str(tmp_path / "x")])
    assert done.exit_code == 2
    assert "is a file" in done.stderr
