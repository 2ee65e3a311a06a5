import subprocess
import sys
from pathlib import Path

_STARTED = """
import sys
from pathlib import Path
from deepvein.node.loop import Loop
from deepvein.node.node import Node, Part
from deepvein.node.settings import NodeSettings

class Begun(Exception):
    pass

def begun(loop):
    needed = ("pydicom.dataset", "pynetdicom", "highdicom.pr", "requests", "scipy.stats")
    raise Begun([name for name in needed if name not in sys.modules])

Loop.start = begun
try:
    Node(NodeSettings(folder=Path(sys.argv[1])), [Part(sys.argv[2])]).start()
except Begun as error:
    print("missing:", *error.args[0])
"""


def test_no_thread_begins_before_all_that_threads_share_is_imported(tmp_path: Path) -> None:
    for part in ("worker", "receiver"):
        done = subprocess.run(
            [sys.executable, "-c", _STARTED, tmp_path / part, part],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.strip() == "missing:", done.stdout + done.stderr
