"""Makes the environment with torch: `python3.11 tests/evaluations/llama/environment.py` (two to four minutes, 1.8 GB).

Only the wheel for the CPU will do: the label `+cpu` keeps pip from taking the one for CUDA, which is ten times as large.
"""

import subprocess
import sys
from pathlib import Path

PLACE = Path(__file__).resolve().parents[3] / "var" / "llama"
PACKAGES = ["torch==2.13.0+cpu", "lm-eval[hf,api]==0.4.13"]


def main() -> None:
    if sys.version_info[:2] != (3, 11):
        sys.exit("Python 3.11 is needed: for later ones there is no wheel of torch 2.13.0 for the CPU")
    subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
    python = str(PLACE / "bin" / "python")
    # torch first and alone: with it in place, nothing else asks for another one.
    for packages in (PACKAGES[:1], PACKAGES):
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)


if __name__ == "__main__":
    main()
