"""What the runner proved about the model, the device and the cache behind a result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluations.calibration import golden
from evaluations.gates import files
from evaluations.gates.doubt import Doubtful
from evaluations.runner.golden import deviation

# Of the answers asked for again, at least this share of generated texts has to begin as before.
ALIKE_SHARE = 0.5


@dataclass(frozen=True)
class Asked:
    """What the run was asked to be: the portal's own record of it, not what the folder says."""

    fingerprint: str
    key: str
    model: str
    harness_version: str
    model_sha256: Sequence[str] = ()
    gpus: int = 0
    tolerance: float = golden.TOLERANCE_CPU
    chat_template: bool = False
    limit: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Probe:
    """The endpoint's answers to the golden continuations, and the software that gave them."""

    image: str
    values: list[list[float]] = field(default_factory=list)


def check_belonging(manifest: dict[str, Any], asked: Asked) -> None:
    """The result is one of this run, of this model, made by this version of the harness."""
    for name, expected in (("fingerprint", asked.fingerprint), ("key", asked.key)):
        if manifest.get(name) != expected:
            raise Doubtful("foreign_result", f"{name} is {manifest.get(name)}, not {expected}")
    served = manifest.get("endpoint") or {}
    if served.get("model") != asked.model:
        raise Doubtful("foreign_model", f"the endpoint served {served.get('model')}, not {asked.model}")
    reported = served.get("sha256")
    if asked.model_sha256 and reported is not None and reported not in asked.model_sha256:
        raise Doubtful("foreign_model", f"the endpoint served {reported}, which is no file of the release")
    version = (manifest.get("harness") or {}).get("version")
    if version != asked.harness_version:
        raise Doubtful("other_harness", f"harness version {version}, not {asked.harness_version}")


def check_settings(document: dict[str, Any], asked: Asked) -> None:
    """The harness was told what the suite says: all questions, its template, its seed."""
    told = document.get("config") or {}
    if told.get("limit") != asked.limit:
        raise Doubtful("limited", f"the harness was told to stop after {told.get('limit')} questions")
    template = document.get("chat_template_sha") or document.get("chat_template")
    if bool(template) != asked.chat_template:
        raise Doubtful(
            "other_template",
            f"chat template {template}" if template else "no chat template was applied, the suite wants one",
        )
    if document.get("system_instruction"):
        raise Doubtful("other_template", "a system instruction was put before every question")
    seed = told.get("fewshot_seed", told.get("random_seed"))
    if asked.seed is not None and seed is not None and seed != asked.seed:
        raise Doubtful("other_questions", f"the seed was {seed}, not {asked.seed}")


def check_cache(manifest: dict[str, Any], asked: Asked) -> None:
    """Answers of earlier attempts are this run's own, and some of all answers came out the same when asked again."""
    cache = manifest.get("cache") or {}
    if cache.get("name") != asked.fingerprint:
        raise Doubtful("foreign_cache", f"the cache is that of {cache.get('name')}")
    again = manifest.get("again") or {}
    if not again.get("asked"):
        raise Doubtful("foreign_cache", "no answer was asked for again")
    if not again["largest"] <= asked.tolerance:
        raise Doubtful(
            "foreign_cache",
            f"asked for again, answers differ by {again['largest']:.4g} nats per token, allowed {asked.tolerance:g}",
        )
    if again["generated"] and again["alike"] < ALIKE_SHARE * again["generated"]:
        raise Doubtful(
            "foreign_cache", f"asked for again, {again['alike']} of {again['generated']} texts began alike"
        )


def check_device(manifest: dict[str, Any], asked: Asked) -> None:
    """As many GPUs as were asked for were seen working for the run."""
    device = manifest.get("device") or {}
    if not asked.gpus:
        return
    if device.get("used") != "gpu" or len(device.get("gpus") or []) < asked.gpus:
        raise Doubtful(
            "device_unproven",
            f"{asked.gpus} GPUs were asked for, the runner saw {len(device.get('gpus') or [])} working ({device.get('used')})",
        )


def probe_of(folder: Path, manifest: dict[str, Any], asked: Asked) -> Probe:
    """The golden continuations as the endpoint answered them, before the questions and still the same afterwards."""
    if "golden.json" not in manifest["files"]:
        raise Doubtful("calibration_missing", "the result holds no answers to golden continuations")
    told = files.document(folder / "golden.json")
    if told.get("golden") != golden.sha256():
        raise Doubtful("calibration_missing", f"other golden continuations: {told.get('golden')}")
    values, after = told["before"], told["after"]
    if len(values) < golden.LEAST or not after:
        raise Doubtful("calibration_missing", f"{len(values)} golden continuations, at least {golden.LEAST}")
    values = [[float(each) for each in row] for row in values]
    if deviation(after, values[: len(after)], asked.tolerance).largest > asked.tolerance:
        raise Doubtful("foreign_model", "the endpoint answered differently after the questions than before")
    return Probe(str(told.get("image") or "")[:200], values)


def soft_doubts(manifest: dict[str, Any]) -> list[Doubtful]:
    """What a person may decide: the result is whole and true, and looks odd."""
    doubts = []
    again = manifest.get("again") or {}
    if again.get("truncated"):
        doubts.append(
            Doubtful(
                "answers_truncated",
                f"{again['truncated']} of {again['generated']} texts ended at their longest",
            )
        )
    warnings = manifest.get("warnings") or []
    if warnings:
        doubts.append(Doubtful("log_warning", "\n".join(map(str, warnings))))
    return doubts
