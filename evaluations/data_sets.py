"""Data sets of the Hub on the portal's disk: what an administrator has put there, each at its commit.

The layout is the Hub's own cache, so that its own tool fills it: `hf download --repo-type dataset NAME --cache-dir …`.
"""

import re
from pathlib import Path

from django.conf import settings

from evaluations.models import Task

NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
COMMIT = re.compile(r"[0-9a-f]{40}")


def root() -> Path:
    return settings.VAR_DIR / "datasets"


def folder_of(dataset: str, commit: str) -> Path:
    """Where the data set lies at this commit, or would lie."""
    return root() / f"datasets--{dataset.replace('/', '--')}" / "snapshots" / commit


def commit_of(dataset: str) -> str:
    """The commit that is on the disk; empty when there is none. Of several it is the one that was fetched as `main`."""
    place = folder_of(dataset, "x").parents[1]
    try:
        main = (place / "refs" / "main").read_text().strip()
    except OSError:
        main = ""
    there = sorted(
        each.name
        for each in (place / "snapshots").glob("*")
        if COMMIT.fullmatch(each.name) and any(each.iterdir())
    )
    if main in there:
        return main
    return there[0] if len(there) == 1 else ""


def missing(tasks: list[Task]) -> list[str]:
    """Data sets of these tasks that are pinned to a commit which is not on the disk, as `name @ commit`."""
    wanted = {(task.dataset, task.revision) for task in tasks if task.dataset and task.revision}
    return sorted(
        f"{dataset} @ {commit[:12]}" for dataset, commit in wanted if not folder_of(dataset, commit).is_dir()
    )


def command_for(dataset: str) -> str:
    """What fetches the newest commit of a data set to where the portal looks."""
    return f"hf download --repo-type dataset {dataset} --cache-dir {root()}"
