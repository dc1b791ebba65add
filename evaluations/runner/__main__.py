"""Entry: `python -m evaluations.runner FOLDER/spec.json`, or `python runner/ FOLDER/spec.json` for a copy."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here.parent))
    __package__ = here.name
    __import__(__package__)

from .run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
