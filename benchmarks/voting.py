"""The tally against pabutools on published elections, paired: each file by one, then by the other, in fresh processes.

pabutools (GPL) is installed into an environment of its own under var/bench and is never imported by the portal.
`PABULIB_DIR` names the folder of `.pb` files; arguments name single files in it. `rounds` instead: generated rounds.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import rounds
from benchmarks.machine import ROOT, description, progress, say, table

FOREIGN = ROOT / "var" / "bench" / "voting"
LIMIT_SECONDS = 900
OURS = """
import json, resource, sys, time
from voting import pabulib
from voting.tally import tally
election = pabulib.read(sys.argv[1]).election()
began = time.process_time()
winners = sorted(tally(election, "add1u", "cost").winners)
seconds = time.process_time() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, winners]))
"""
THEIRS = """
import json, resource, sys, time
from pabutools.election import Cost_Sat, parse_pabulib
from pabutools.rules import greedy_utilitarian_welfare, completion_by_rule_combination, method_of_equal_shares
instance, profile = parse_pabulib(sys.argv[1])
profile = profile.as_multiprofile()
began = time.process_time()
winners = completion_by_rule_combination(
    instance, profile, [method_of_equal_shares, greedy_utilitarian_welfare],
    [{"sat_class": Cost_Sat, "voter_budget_increment": 1}, {"sat_class": Cost_Sat}])
seconds = time.process_time() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sorted(str(w) for w in winners)]))
"""


def main(argv: list[str]) -> int:
    if argv[:1] == ["rounds"]:
        return rounds.main(argv[1:])
    folder = Path(os.environ.get("PABULIB_DIR", ""))
    files = [folder / name for name in argv] if argv else sorted(folder.glob("*.pb"))
    files = [file for file in files if _is_approval(file)]
    if not os.environ.get("PABULIB_DIR") or not files:
        sys.stderr.write("PABULIB_DIR must name a folder with approval elections (.pb)\n")
        return 2
    say(description())
    say()
    python = _environment()
    rows, totals, differences = [], [0.0, 0.0, 0.0], 0
    for file in files:
        progress(file.name)
        ours, theirs = _measure(sys.executable, OURS, file), _measure(str(python), THEIRS, file)
        if ours is None:
            return 1
        totals[2] = max(totals[2], ours[1])
        if theirs is None:
            rows.append([file.stem, f"{ours[0]:.3f}", "no result", "", f"{ours[1]:.0f}", ""])
            continue
        totals[0] += ours[0]
        totals[1] += theirs[0]
        differences += ours[2] != theirs[2]
        rows.append(
            [
                file.stem,
                f"{ours[0]:.3f}",
                f"{theirs[0]:.3f}",
                f"{theirs[0] / max(ours[0], 1e-4):.0f}",
                f"{ours[1]:.0f}",
                f"{theirs[1]:.0f}",
            ]
        )
    rows.append(
        [
            "together",
            f"{totals[0]:.2f}",
            f"{totals[1]:.2f}",
            f"{totals[1] / max(totals[0], 1e-4):.0f}",
            f"{totals[2]:.0f}",
            "",
        ]
    )
    table(["election", "portal s", "pabutools s", "times faster", "portal MB", "pabutools MB"], rows)
    say()
    say(
        f"{differences} differences between the winners. Processor time of the count alone; peak memory of the process."
    )
    return 1 if differences else 0


def _is_approval(file: Path) -> bool:
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        for line in lines:
            if line.startswith("vote_type"):
                return line.strip().split(";")[1] in ("approval", "choose-1")
            if line.startswith("PROJECTS"):
                break
    return False


def _environment() -> Path:
    python = FOREIGN / "bin" / "python"
    mark = FOREIGN / "installed"
    if not mark.exists():
        progress("installing pabutools (not counted)")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOREIGN)], check=True)
        requirements = ROOT / "benchmarks" / "requirements-voting.txt"
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(requirements)],
            check=True,
            stdout=sys.stderr,
        )
        mark.touch()
    return python


def _measure(python: str, program: str, file: Path) -> list | None:
    try:
        done = subprocess.run(
            [python, "-c", program, str(file)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        sys.stderr.write(done.stderr[-2000:])
        return None
    found: list = json.loads(done.stdout.splitlines()[-1])
    return found
