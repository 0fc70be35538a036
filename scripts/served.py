"""Whether an installed ``atlas`` serves its page: ``python -m scripts.served PATH-OF-ATLAS``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE_S = 60.0


def serves_page(program: str) -> bool:
    """Start the program over an empty store; whether it becomes ready, and stops when asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as home:
        env = {**os.environ, "ATLAS_HOME": home, "ATLAS_OFFLINE": "1"}
        words = [str(Path(program).resolve()), "serve", "--port", str(port)]
        with subprocess.Popen(words, env=env, cwd=home) as server:
            ready = _becomes_ready(f"http://127.0.0.1:{port}/readyz")
            server.send_signal(signal.SIGTERM)
            return ready and server.wait(PATIENCE_S) == 0


def _becomes_ready(address: str) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            with urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.3)
    return False


if __name__ == "__main__":
    sys.exit(0 if serves_page(sys.argv[1]) else "the page was not served")
