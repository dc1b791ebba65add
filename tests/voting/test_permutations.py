"""Names, orders and restarts change no byte of a result."""

import os
import subprocess
import sys
from pathlib import Path

RESTARTS, PERMUTATIONS = 5, 200


def test_a_thousand_permutations_and_five_restarts_give_the_same_bytes():
    said = set()
    for seed in range(RESTARTS):
        command = [sys.executable, "-m", "tests.voting.permuted", str(seed), str(PERMUTATIONS)]
        found = subprocess.run(
            command,
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        said |= set(found.stdout.splitlines())
    # One of each kind of election, with its reasons and without.
    assert sorted(line.split()[0] + line[-9:] * line.endswith("explained") for line in said) == [
        "cost",
        "costexplained",
        "points",
        "pointsexplained",
    ]
