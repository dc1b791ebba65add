"""The whole test run, as `./run test` does it in this checkout; arguments go to pytest."""

import subprocess
import time

from benchmarks.clone import newcomers_environment
from benchmarks.machine import ROOT, description, progress, say, table

GOAL_SECONDS = 360


def main(argv: list[str]) -> int:
    say(description())
    say()
    progress("installing what the tests need (not counted)")
    environment = newcomers_environment()
    subprocess.run(
        ["./run", "test", "--version"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    progress("running all tests")
    began = time.monotonic()
    finished = subprocess.run(
        ["./run", "test", *argv],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    if finished.returncode != 0:
        say(finished.stdout)
        progress(f"pytest ended with status {finished.returncode}: nothing was measured")
        return 1
    summary = finished.stdout.strip().splitlines()[-1].strip("= ")
    table(
        ["figure", "measured", "goal"],
        [["whole test run", f"{seconds:.0f} s", f"≤ {GOAL_SECONDS} s"], ["– pytest says", summary, ""]],
    )
    return 0
