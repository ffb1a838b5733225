"""A server under test: a process of ours, its children, what they hold in memory, and their end."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 15


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Runs `command`, which must listen on 127.0.0.1:`port`. Use as a context manager: it ends what it started."""

    def __init__(self, name, command, port, probe, log, env=None, cwd=None):
        self.name, self.command, self.port, self.probe = name, command, port, probe
        self.log, self.env, self.cwd = pathlib.Path(log), env, cwd
        self.process = None
        self.first_answer_ms = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        with self.log.open("ab") as log:
            began = time.perf_counter()
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=self.env, cwd=self.cwd)
        try:
            self.wait_for_first_answer(began)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for_first_answer(self, began):
        request = f"GET {self.probe} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        while time.perf_counter() - began < START_SECONDS_MAX:
            if self.process.poll() is not None:
                raise SystemExit(f"bench: {self.name} ended with {self.process.returncode}: {self.last_words()}")
            if answers(self.port, request):
                self.first_answer_ms = (time.perf_counter() - began) * 1e3
                return
            time.sleep(0.0005)
        raise SystemExit(f"bench: {self.name} gave no answer in {START_SECONDS_MAX} s: {self.last_words()}")

    def last_words(self):
        return self.log.read_text(errors="replace")[-2000:]

    def pids(self):
        """The process and all its descendants."""
        found, to_visit = [], [self.process.pid]
        while to_visit:
            pid = to_visit.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    to_visit += [int(child) for child in task.read_text().split()]
        return found

    def resident_mb(self):
        """Resident set of all processes, shared pages counted in each, in 10^6 bytes."""
        total_kb = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith("VmRSS:"):
                        total_kb += int(line.split()[1])
        return total_kb * 1024 / 1e6

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        family = self.pids()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()


def answers(port, request):
    """True when the server on `port` answers 200 to `request`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request)
            head = b""
            while len(head) < 12:
                piece = connection.recv(4096)
                if not piece:
                    return False
                head += piece
            return head[9:12] == b"200"
    except OSError:
        return False
