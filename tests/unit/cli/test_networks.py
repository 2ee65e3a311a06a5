import json

from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.networks import NETWORKS

runner = CliRunner()


def test_every_network_is_listed_with_its_size() -> None:
    rows = json.loads(runner.invoke(app, ["networks", "--json"]).stdout)
    assert [row["name"] for row in rows] == list(NETWORKS.names())
    proposed = rows[0]
    assert (proposed["output"], proposed["parameters"]) == ("masks", 7_765_409)
    text = runner.invoke(app, ["networks"]).stdout
    for name in NETWORKS.names():
        assert name in text


def test_a_plug_in_that_is_not_there_is_bad_usage() -> None:
    done = runner.invoke(app, ["--import", "nowhere.py", "networks"])
    assert done.exit_code == 2
    assert "nowhere.py" in done.stderr
