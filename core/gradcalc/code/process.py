"""The process in which people's code runs: started, asked, timed, and ended when it does not answer.

This contains accidents (a crash, a hang, a flood of prints, too much memory). It is no sandbox: code that
means harm can do whatever its user may do.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from .child.broken import Broken
from .child.wire import receive, send

MAIN = Path(__file__).parent / "child" / "main.py"
KEPT = 1 << 16  # bytes of what the code prints
RUNNING: set[Process] = set()


def end_all() -> None:
    """End every process that runs now."""
    for process in list(RUNNING):
        process.kill()


class Process:
    """A worker in a process of its own; every method of child.worker.Worker can be called on it.

    `timeout` bounds the whole of its life in seconds, `memory` its memory in bytes (0: no bound), `threads`
    those of its linear algebra (0: no bound), `python` is the interpreter that the code belongs to. Raises
    Broken like the worker, and also where the process ends (kind "exit" or "crash") or takes too long (kind
    "time"): `stage` then is that of the request.
    """

    def __init__(
        self, *, timeout: float = 60.0, memory: int = 0, python: str | None = None,
        folder: str | None = None, threads: int = 0,
    ) -> None:  # fmt: skip
        self.deadline = time.monotonic() + timeout
        self.timeout = timeout
        self.memory = memory
        self.threads = threads
        self.said = bytearray()
        self.flood = 0
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.watch = threading.Timer(timeout, self._stop)
        self.watch.daemon = True
        self.own = tempfile.mkdtemp(prefix="gradcalc-") if folder is None else None
        try:
            self._start(python or sys.executable, folder or self.own)
        except BaseException:
            self.close()
            raise

    def _start(self, python: str, folder: str | None) -> None:
        """Start the child and wait until it can work."""
        environment = {
            **os.environ,
            **({"OMP_NUM_THREADS": str(self.threads)} if self.threads else {}),
            "GRADCALC_MEMORY": str(self.memory),
            "GRADCALC_SECONDS": str(self.timeout),
            "JAX_ENABLE_X64": "1",
            "MPLBACKEND": "Agg",
            "PYTHONIOENCODING": "utf-8",
        }
        try:
            self.child = subprocess.Popen(
                [python, "-u", str(MAIN)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment,
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise Broken("load", "python", f"{python} can't be run: {error.strerror}") from None
        RUNNING.add(self)
        self.listener.start()
        self.watch.start()
        try:
            self.ask("ready", "load")
        except Broken as error:
            self.listener.join(timeout=1)
            said = (self.output or [error.message])[-1]
            raise Broken("load", "python", f"{python} can't run the check: {said}") from None

    def ask(self, do: str, stage: str, **given: Any) -> Any:
        """Call a method of the worker; `stage` names what fails if the process does."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        try:
            send(self.child.stdin, {"do": do, "with": given})  # type: ignore[arg-type]
            answer = receive(self.child.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, ValueError):
            raise self._ended(stage) from None
        if "broken" in answer:
            raise Broken(**answer["broken"])
        return answer["done"]

    @property
    def left(self) -> float:
        """Seconds until the process has to be done."""
        return self.deadline - time.monotonic()

    def _stop(self) -> None:
        self.late = True
        self.kill()

    late = False

    def kill(self) -> None:
        """End the process at once; what was asked of it raises Broken."""
        try:
            if os.name == "posix":
                os.killpg(self.child.pid, signal.SIGKILL)
            else:
                self.child.kill()
        except OSError:
            pass

    def _ended(self, stage: str) -> Broken:
        if not self.late:
            try:
                self.child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.kill()
        code = self.child.wait()
        if self.late:
            return Broken(stage, "time", f"it did not end within {self.timeout:g} s", self.output)
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return Broken(stage, "crash", f"the process was ended by {name}", self.output)
        return Broken(
            stage, "exit", f"the code ended the process itself, with exit status {code}", self.output
        )

    @property
    def output(self) -> list[str]:
        """The last lines that the code printed."""
        lines = bytes(self.said).decode("utf-8", "replace").splitlines()
        return [line[:160] for line in lines if line.strip()][-6:]

    def _listen(self) -> None:
        stream: BinaryIO | None = self.child.stderr  # type: ignore[assignment]
        while stream is not None:
            data = os.read(stream.fileno(), KEPT)
            if not data:
                return
            self.flood += len(data)
            self.said += data
            del self.said[:-KEPT]

    def close(self) -> None:
        """End the process and remove its folder."""
        child = getattr(self, "child", None)
        if child is not None:
            RUNNING.discard(self)
            self.watch.cancel()
            self.kill()
            child.wait()
            if self.listener.is_alive():
                self.listener.join(timeout=1)
            for stream in (child.stdin, child.stdout, child.stderr):
                with suppress(OSError):
                    stream.close()
        if self.own is not None:
            shutil.rmtree(self.own, ignore_errors=True)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
