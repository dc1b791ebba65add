"""Reading a published result through all its gates. No database here: files in, findings or a doubt out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evaluations.gates import answers, files, proofs
from evaluations.gates.doubt import Doubtful, shaped
from evaluations.gates.figures import Finding, by_question, finding
from evaluations.gates.proofs import Asked, Probe
from evaluations.samples import Answers, answers_of

__all__ = ["SOFT", "Asked", "Doubtful", "Expected", "Finding", "Probe", "Result", "read_result"]

# Doubts that a second person may put aside: the result is whole, of this run, and true, but it looks odd.
SOFT = frozenset({"answers_empty", "answers_truncated", "log_warning"})


@dataclass(frozen=True)
class Expected:
    """What a task must show: its metrics, its number of questions, and its hash if one is binding already.

    `questions` None: nobody has counted them, so nothing can prove that none is missing.
    """

    metrics: tuple[str, ...]
    questions: int | None
    content_hash: str = ""


@dataclass(frozen=True)
class Result:
    """`answers` by task. `doubts` are the soft ones; all others were raised."""

    findings: list[Finding]
    content_hashes: dict[str, str]
    answers: dict[str, Answers]
    probe: Probe
    doubts: list[Doubtful] = field(default_factory=list)


def read_result(folder: Path, asked: Asked, tasks: Mapping[str, Expected]) -> Result:
    """The findings of a result folder. Raises Doubtful at the first hard gate that does not hold."""
    with shaped("manifest.json"):
        manifest = files.manifest_of(folder)
        proofs.check_belonging(manifest, asked)
        files.check(folder, manifest)
        proofs.check_device(manifest, asked)
    with shaped("golden.json"):
        probe = proofs.probe_of(folder, manifest, asked)
    with shaped("results"):
        document = files.results(folder, manifest)
        proofs.check_settings(document, asked)
        findings = []
        hashes = {}
        kept = {}
        empty = []
        for task, wanted in tasks.items():
            samples = files.samples(folder, manifest, task)
            hashes[task] = answers.check_questions(
                document, samples, task, wanted.questions, wanted.content_hash
            )
            share = answers.empty_share(samples)
            if share >= answers.EMPTY_SHARE:
                empty.append(Doubtful("answers_empty", f"{task}: {share:.1%} of the answers are empty"))
            findings += [finding(document, samples, task, metric) for metric in wanted.metrics]
            kept[task] = answers_of(task, by_question(samples, wanted.metrics), wanted.metrics)
    with shaped("manifest.json"):
        proofs.check_cache(manifest, asked)
        doubts = [*empty, *proofs.soft_doubts(manifest)]
    return Result(findings, hashes, kept, probe, doubts)
