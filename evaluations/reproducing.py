"""Doing a run again from what the portal has written down about it, and holding the answers against the first ones."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from evaluations.actions import EvaluationRefused
from evaluations.engines import launcher_of
from evaluations.fingerprint import fingerprint_of
from evaluations.jobs import is_runnable, job_of
from evaluations.launchers.folder import RunFolder
from evaluations.models import AnswerVector, Run


class NotReproducible(EvaluationRefused):
    """`gaps` are the fields of the record that are empty or no longer hold."""

    def __init__(self, gaps: list[str]) -> None:
        super().__init__(_("This run cannot be reproduced: %(gaps)s.") % {"gaps": "; ".join(gaps)})
        self.gaps = gaps


@dataclass(frozen=True)
class Outcome:
    """What came of it: `same_files` of `files` are the same to the byte, `same_answers` of `answers` have the same value.

    `files` is 0 where the first files are no longer there; `log` is where the second run wrote its words.
    """

    ended: int
    files: int
    same_files: int
    answers: int
    same_answers: int
    log: Path

    @property
    def is_same(self) -> bool:
        return self.ended == 0 and self.answers == self.same_answers > 0 and self.files == self.same_files


def gaps(run: Run) -> list[str]:
    """What is missing to do `run` again; empty for a reproducible one. Three statements at most."""
    release, version = run.release, run.suite_version
    tasks = list(version.tasks.all())
    found = []
    if not release.manifest:
        found.append(_("the release lists no files with SHA-256"))
    if not release.serve_command:
        found.append(_("the release does not say how its endpoint is started"))
    if not version.environment:
        found.append(_("the environment of the harness is not pinned"))
    for task in tasks:
        if not task.is_pinned:
            found.append(_("the files of the task %(task)s are not pinned") % {"task": task.name})
        if not task.content_hash:
            found.append(_("the questions of the task %(task)s have no hash") % {"task": task.name})
    if not is_runnable(version):
        found.append(_("this portal no longer has the harness or the files that the suite pins"))
    elif fingerprint_of(release, version) != run.fingerprint:
        found.append(_("this portal would ask under other settings than it did then"))
    manifest = RunFolder(launcher_of(run.engine).folder(run.key)).manifest
    if ((manifest or {}).get("endpoint") or {}).get("proof") != "sha256":
        found.append(_("there is no proof which model answered"))
    return found


def command_of(run: Run) -> str:
    return f"./run manage reproduce_run {run.code}"


def reproduce(run: Run, folder: Path) -> Outcome:
    """Runs the same specification once more in `folder`, here and now; raises NotReproducible when something lacks.

    The first run and its scores stay untouched.
    """
    if missing := gaps(run) + _changed_files(run):
        raise NotReproducible(missing)
    job = job_of(run)
    for name, content in job.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    specification = folder / "spec.json"
    specification.write_text(json.dumps(job.spec | {"key": f"again-{run.uuid}", "restart": 0}))
    ended = subprocess.run(
        [sys.executable, "-m", "evaluations.runner", str(specification)], cwd=settings.BASE_DIR, check=False
    )
    return _outcome(run, folder, ended.returncode)


def _changed_files(run: Run) -> list[str]:
    """Files of the release that are gone or are not what they were."""
    found = []
    for name, described in sorted(run.release.manifest.items()):
        try:
            with (run.release.folder / name).open("rb") as stream:
                same = hashlib.file_digest(stream, "sha256").hexdigest() == described["sha256"]
        except OSError:
            same = False
        if not same:
            found.append(_("the file %(name)s of the release is missing or has changed") % {"name": name})
    return found


def _outcome(run: Run, folder: Path, ended: int) -> Outcome:
    before = launcher_of(run.engine).folder(run.key) / "result"
    files = same_files = answers = same_answers = 0
    vectors = AnswerVector.objects.filter(score__run=run).select_related("score__task")
    for vector in vectors:
        task = vector.score.task.name
        if vector.score.metric != vector.score.task.metrics[0]:
            continue
        first, second = (_samples_file(each, task) for each in (before, folder / "result"))
        known = vector.values.tolist()
        answers += len(known)
        if second is not None:
            told = [json.loads(line) for line in second.read_bytes().splitlines()]
            told.sort(key=lambda sample: sample["doc_id"])
            again = [float(sample[vector.score.metric]) for sample in told]
            same_answers += sum(one == other for one, other in zip(known, again, strict=False))
        if first is not None:
            files += 1
            same_files += second is not None and first.read_bytes() == second.read_bytes()
    return Outcome(ended, files, same_files, answers, same_answers, folder / "log.txt")


def _samples_file(folder: Path, task: str) -> Path | None:
    found = sorted(folder.glob(f"samples_{task}_*.jsonl"))
    return found[0] if len(found) == 1 else None
