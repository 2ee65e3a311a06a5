"""fsspec's file systems of memory and of this machine, and S3 as moto plays it where that is installed."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import fsspec
import pytest
from fsspec.registry import _registry

from deepvein.core.errors import MissingExtraError, OutputError, UsageError
from deepvein.core.store import Store, folder_of


@pytest.fixture(params=["memory", "file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return Store(f"s3://{request.getfixturevalue('bucket')}/some/results/")
    place = uuid.uuid4().hex if request.param == "memory" else str(tmp_path / "store")
    return Store(f"{request.param}://{place}/results/")


def test_a_text_names_a_folder_or_a_url() -> None:
    assert folder_of("out/a") == Path("out/a")
    assert folder_of("file:///data/out") == Path("/data/out")
    assert folder_of("s3://bucket/out") is None
    with pytest.raises(UsageError, match="three strokes"):
        folder_of("file://data/out")


def test_files_come_and_go(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(1000))
    assert store.read("one/a.bin") is None
    assert store.sizes() == store.sizes("one") == {}
    store.send(tmp_path / "a.bin", "one/a.bin")
    store.write("one/.b.json", b"{}")
    store.write("summary.json", b"[]")
    assert store.sizes("one") == {"a.bin": 1000, ".b.json": 2}
    assert store.sizes() == {"one/a.bin": 1000, "one/.b.json": 2, "summary.json": 2}
    store.write("one/.b.json", b"[1]")
    assert store.read("one/.b.json") == b"[1]"
    for _ in range(2):
        store.remove("one/.b.json")
    assert list(store.sizes("one")) == ["a.bin"]
    assert not str(store).endswith("/")


def test_a_folder_is_not_another_whose_name_begins_alike(store: Store) -> None:
    for name in ("legs", "legs-2"):
        store.write(f"{name}/a", name.encode())
    assert store.sizes("legs") == {"a": 4}


def test_what_others_wrote_is_seen(store: Store) -> None:
    other = Store(store.url)
    assert store.sizes() == {}
    other.write("one/a", b"1")
    assert store.sizes() == {"one/a": 1}
    other.write("one/a", b"22")
    assert store.read("one/a") == b"22"


def test_a_file_that_did_not_come_whole_is_an_error(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(1000))
    system, _ = fsspec.core.url_to_fs(store.url)

    def half(file: str, path: str, **_: object) -> None:
        system.pipe_file(path, Path(file).read_bytes()[:500])

    monkeypatch.setattr(system, "put_file", half)
    with pytest.raises(OutputError, match=r"cannot write .*results/a\.bin: 500 bytes came of 1000"):
        store.send(tmp_path / "a.bin", "a.bin")


def test_what_is_refused_or_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"cannot use nowhere://a: .*nowhere"):
        Store("nowhere://a").sizes()
    with pytest.raises(UsageError, match="several URLs in one"):
        Store("simplecache::memory://a")
    for name in ("s3", "gs"):
        monkeypatch.delitem(_registry, name, raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtraError, match=r"s3://a .*deepvein\[s3\]"):
        Store("s3://a").sizes()
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(UsageError, match=r"cannot use gs://a: .*gcsfs"):
        Store("gs://a").sizes()


@pytest.mark.parametrize(
    "url",
    [
        "s3://AKIA:hidden@bucket/results",
        "s3://AKIA:hid/den@bucket/results",
        "sftp://me:hidden@host/results",
        "https://host/results?X-Amz-Signature=hidden",
    ],
)
def test_a_url_with_a_secret_is_refused_without_telling_it(url: str) -> None:
    with pytest.raises(UsageError, match="holds a password or a signature") as told:
        Store(url)
    assert "hid" not in str(told.value)
    assert "AKIA" not in str(told.value)


def test_a_name_at_a_host_is_no_secret() -> None:
    for url in ("abfs://box@account.dfs.core.windows.net/results", "sftp://me@host/results"):
        assert str(Store(url)) == url


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(fsspec.core, "url_to_fs", refuse)
    with pytest.raises(
        OutputError, match=r"cannot list ftp://host/a: .*Connection refused; see that"
    ):
        Store("ftp://host/a").sizes()


def test_trouble_of_the_store_is_one_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, _ = fsspec.core.url_to_fs(store.url)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(system, "pipe_file", refuse)
    with pytest.raises(OutputError, match=r"cannot write .*/results/a: Access Denied; see that"):
        store.write("a", b"")


def test_no_bucket_is_made_by_a_slip_of_the_pen(bucket: str) -> None:
    assert bucket
    with pytest.raises(OutputError, match=r"cannot write s3://bukcet/results/a: .*bucket"):
        Store("s3://bukcet/results").write("a", b"1")
