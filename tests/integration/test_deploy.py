"""What lies in deploy/ fits the command, the settings and one another."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import sys
import tomllib
from pathlib import Path

import typer.main
import yaml

from deepvein.cli.main import app
from deepvein.node.configuration import node_settings
from deepvein.node.database.database import database_url
from peers.programs import call

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def check_command(words: list[str]) -> None:
    """`deepvein` and what follows are a command that there is, with options that it has."""
    program, name, *rest = words
    assert Path(program).name == "deepvein"
    known = typer.main.get_command(app).commands[name]
    options = {option for one in known.params for option in one.opts}
    assert {word for word in rest if word.startswith("-")} <= options


def test_the_unit_starts_the_node(tmp_path: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    text = (DEPLOY / "deepvein.service").read_text()
    unit.read_string(text)
    command = shlex.split(unit["Service"]["ExecStart"])
    check_command(command)
    assert unit["Service"]["StateDirectoryMode"] == "0700"
    # Its words are those of systemd; only the program has to be one that is here.
    (tmp_path / "deepvein.service").write_text(text.replace(command[0], sys.executable))
    assert call("systemd-analyze", "verify", tmp_path / "deepvein.service") == ""


def test_the_containers_fit_one_another() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert set(services) == {"node", "database", "orthanc"}
    settings = node_settings(DEPLOY / "deepvein.toml", None)
    orthanc = json.loads((DEPLOY / "orthanc.json").read_text())
    url = database_url(settings.database, settings.folder)
    (peer,) = settings.destinations.dicom
    assert url.host == "database"
    told = services["database"]["environment"]
    assert (url.username, url.password, url.database) == (
        told["POSTGRES_USER"], told["POSTGRES_PASSWORD"], told["POSTGRES_DB"],
    )  # fmt: skip
    assert (peer.host, peer.port, peer.ae_title) == (
        "orthanc", orthanc["DicomPort"], orthanc["DicomAet"],
    )  # fmt: skip
    assert {one.ae_title for one in settings.receiver.peers} == {orthanc["DicomAet"]}
    receiver = [settings.receiver.ae_title, "node", settings.receiver.port]
    assert receiver in orthanc["DicomModalities"].values()
    # Else it keeps them beside its settings, and they are gone with the container.
    kept = {"data": str(settings.folder), "archive": orthanc["StorageDirectory"]}
    for service, volume in (("node", "data"), ("orthanc", "archive")):
        assert f"{volume}:{kept[volume]}" in services[service]["volumes"]
    ports = {settings.receiver.port, settings.web.port}
    assert services["node"]["ports"] == [f"127.0.0.1:{port}:{port}" for port in sorted(ports)[::-1]]
    for service in services.values():
        assert set(service) <= {
            "build", "image", "restart", "depends_on", "ports", "volumes", "environment", "healthcheck",
        }  # fmt: skip
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).is_file()


def test_the_image_is_built_of_what_there_is() -> None:
    steps = [
        line.partition(" ")[::2]
        for line in (DEPLOY / "Dockerfile").read_text().replace("\\\n", "").splitlines()
        if not line.startswith("#")
    ]
    told = dict(steps)
    check_command(json.loads(told["ENTRYPOINT"]))
    settings = node_settings(DEPLOY / "deepvein.toml", None)
    assert told["VOLUME"] == str(settings.folder)
    assert told["EXPOSE"] == f"{settings.receiver.port} {settings.web.port}"
    assert told["USER"] != "root"
    runs = [rest for name, rest in steps if name == "RUN"]
    files = re.findall(r"/source/(\S+)", runs[0])
    assert files == ["deploy/requirements.lock", "constraints.txt"]
    assert all((ROOT / name).is_file() for name in files)
    # Of two indices pip would take CUDA's build where the other is away, and no study could be screened.
    assert "--extra-index-url" not in runs[0]
    assert "import torch" in runs[1]
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    sent = {line.removeprefix("!") for line in lines[2:]}
    assert all((ROOT / name).exists() for name in sent)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"src", "pyproject.toml", project["readme"], *project["license-files"], *files} <= sent


def test_the_lock_holds_what_the_node_needs_in_the_versions_that_are_tested() -> None:
    def pinned(lines: list[str]) -> dict[str, str]:
        found = (re.match(r"([\w.-]+)==([^ ;]+)", line) for line in lines)
        return {
            re.sub(r"[-_.]+", "-", one[1]).lower(): one[2].removesuffix("+cpu")
            for one in found
            if one is not None
        }

    text = (DEPLOY / "requirements.lock").read_text()
    locked = pinned(text.splitlines())
    constraints = pinned((ROOT / "constraints.txt").read_text().splitlines())
    assert {name: constraints.get(name, version) for name, version in locked.items()} == locked
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = pinned(
        [
            f"{re.split('[ <>=]', one)[0]}==0"
            for one in (*project["dependencies"], *project["optional-dependencies"]["node"])
        ]
    )
    assert set(needed) - set(locked) == {"torch"}
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text
