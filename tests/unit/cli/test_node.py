import json

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.node import accounts
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import QuarantinedRow
from deepvein.node.fitness import Fitness

PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "COST", accounts.Cost(passes=1, memory_kib=8))
    (tmp_path / "password").write_text(PASSWORD + "\n")

    def call(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*arguments, "--folder", str(tmp_path / "node")])
        assert done.exit_code == code, done.output
        return done.output

    return call


def test_users_come_and_go(run, tmp_path):
    secret = ("--password-file", str(tmp_path / "password"))
    assert "anna may come in as reader" in run("users", "add", "anna", *secret)
    assert "already" in run("users", "add", "anna", *secret, code=2)
    made = json.loads(run("users", "token", "anna", "--label", "script", "--json"))
    assert (made["token"][:3], made["number"]) == ("dv_", 1)
    run("users", "token", "anna", "--days", "1")
    listed = run("users", "tokens")
    assert "1: anna, script; made 20" in listed
    assert "never used" in listed
    assert made["token"] not in listed
    assert "token 1 (anna, script) opens nothing any more" in run("users", "revoke", "1")
    assert [one["closed"] for one in json.loads(run("users", "tokens", "--json"))] == [
        "revoked",
        "",
    ]
    assert "no token 7" in run("users", "revoke", "7", code=2)
    run("users", "password", "anna", *secret)
    run("users", "disable", "anna")
    assert "no user 'bert'" in run("users", "disable", "bert", code=2)


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "retry",
        "backup --out {}/backup",
        "export 1 --out {}/export",
        "models serving",
        "models back ct",
        "users password anna --password-file {}/password",
        "users disable anna",
        "users token anna",
        "users tokens",
        "users revoke 1",
        "cohort from-reviews --out {}/cohort",
    ],
)
def test_a_folder_without_a_node_is_told_and_made_none(run, tmp_path, command):
    words = (word.format(tmp_path) for word in command.split())
    assert "holds no node" in "".join(run(*words, code=2).split("\n"))
    assert not (tmp_path / "node").exists()


def test_models_are_told_of_a_node_whose_database_does_not_answer(run, tmp_path):
    """They are listed in its folder."""
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "deepvein.toml").write_text(
        'database = "postgresql+psycopg://nobody@127.0.0.1:1/none"\n'
    )
    assert "CT: " in run("models", "serving")


def test_status_and_a_backup_that_comes_back(run, tmp_path):
    run("users", "add", "anna", "--password-file", str(tmp_path / "password"))
    assert "studies: none" in run("status")
    assert json.loads(run("status", "--json"))["quarantined"] == 0
    assert "screened again: 0" in run("retry")
    assert "no study '7'" in run("retry", "7", code=2)
    run("backup", "--out", str(tmp_path / "backup"))
    done = CliRunner().invoke(
        app, ["restore", str(tmp_path / "backup"), "--folder", str(tmp_path / "again")]
    )
    assert done.exit_code == 0, done.output


def test_a_restore_from_nothing_leaves_nothing(run, tmp_path):
    assert "holds no backup" in " ".join(run("restore", str(tmp_path / "gone"), code=3).split())
    assert not (tmp_path / "node").exists()


def test_status_tells_why_images_are_in_quarantine(run, tmp_path):
    """Their senders were told yes: nobody else hears of it."""
    run("users", "add", "anna", "--password-file", str(tmp_path / "password"))
    database = open_database(database_url("", tmp_path / "node"))
    with database.writing() as session:
        for name, reason in (("a", "it is odd"), ("b", "no Patient ID"), ("c", "it is odd")):
            session.add(QuarantinedRow(path=f"quarantine/{name}.dcm", reason=reason))
    database.close()
    told = run("status")
    assert "quarantined instances: 3\n2 of them: it is odd\n1 of them: no Patient ID\n" in told


def test_status_names_machines_that_cannot_screen(run, tmp_path):
    run("users", "add", "anna", "--password-file", str(tmp_path / "password"))
    Fitness(tmp_path / "node", "node-1").deny("weights are damaged")
    assert "node-1 cannot screen, studies wait: weights are damaged" in " ".join(
        run("status").split()
    )


def test_a_node_needs_a_folder():
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 2
    assert "--folder" in done.output
