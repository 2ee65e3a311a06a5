from pathlib import Path

from peers.orthanc import Orthanc, free_ports
from peers.programs import call
from unit.reports.legs import axial_grid, screening
from unit.reports.series import write_series


def test_takes_and_gives_back_and_remembers_over_a_stop(tmp_path: Path) -> None:
    paths = write_series(screening(grid=axial_grid()).study.volume, tmp_path / "in")
    (port,) = free_ports(1)
    with Orthanc(tmp_path / "pacs", {"node": ("NODE", port)}) as pacs:
        assert pacs.get("/modalities") == ["node"]
        instance = pacs.store(paths[0])
        assert pacs.read(f"/instances/{instance}/file") == paths[0].read_bytes()
        call("storescu", "-aec", pacs.aet, "127.0.0.1", str(pacs.dicom_port), paths[1])
        assert len(pacs.get("/dicom-web/instances")) == 2
        ports = (pacs.http_port, pacs.dicom_port)
        pacs.stop()
        pacs.start()
        assert (pacs.http_port, pacs.dicom_port) == ports
        assert len(pacs.get("/instances")) == 2
        pid = pacs.process.pid
    assert pacs.process is None
    assert not Path(f"/proc/{pid}").exists()
