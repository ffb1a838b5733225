"""What every bench works in: a folder, a mesh applied to a PostgreSQL of its own, servers on it, and notes of how calm it was."""
import os
import pathlib
import subprocess
import sys

import machine
import process

HERE = pathlib.Path(__file__).parent


class Ground:
    stage = "bench"      # the environment of mesh.yaml

    def __init__(self, size, folder, hansa):
        self.size, self.folder, self.hansa = size, pathlib.Path(folder), hansa
        self.conninfo = os.environ["HANSA_TEST_POSTGRES"]
        self.mesh = self.folder / "mesh"
        self.environment = {**os.environ, "HANSA_BENCH_POSTGRES": self.conninfo}
        self.calm = []

    def apply(self):
        self.run_hansa("apply", str(self.mesh), "-e", self.stage, "--yes")

    def run_hansa(self, *arguments):
        done = subprocess.run([self.hansa, *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: hansa {' '.join(arguments)} ended with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")

    def hansa_server(self, probe, domains=()):
        """`probe` answers 200 once the server does; `domains`: all unless named."""
        port = process.free_port()
        command = [self.hansa, "serve", str(self.mesh), "-e", self.stage, "--port", str(port),
                   *(word for domain in domains for word in ("--domain", domain))]
        return process.Server("hansa", command, port, probe, self.folder / "hansa.log", self.environment)

    def sql(self, statement):
        done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement, self.conninfo],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def note_round(self, part, turn):
        """How much the machine did for others, before each round."""
        strangers, flush = machine.strangers(), machine.flush_ms(self.folder)
        self.calm.append({"part": part, "load_average": machine.load_average(), "strangers": strangers, "flush_ms": flush})
        say(f"{part}, round {turn + 1}; load average {machine.load_average()}, "
            f"other programs take {strangers:.0%} of the cores, a flush {flush} ms")


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
