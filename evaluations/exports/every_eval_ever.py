"""A run in the format of Every Eval Ever, version 0.2.1, a shared format for evaluation results.

Source: `eval.schema.json` of github.com/evaleval/every_eval_ever at commit 0666632. One document per run; all additional
details are texts, as the format wants it.
"""

import json
from typing import Any

from django.conf import settings

from evaluations.models import Run, Score
from evaluations.wording import is_share

SCHEMA_VERSION = "0.2.1"
ORGANISATION = "CESAI – Center for Sovereign AI"
# The name under which the format's own tools know the harness.
LIBRARIES = {"lm-eval": "lm_eval", "euroeval": "euroeval"}
# A metric without a known bound; the format wants a number.
UNBOUNDED = 1.7976931348623157e308


def document(run: Run, scores: list[Score]) -> dict[str, Any]:
    """`scores` are those of `run`, with their tasks. The same run always gives the same document."""
    version, release = run.suite_version, run.release
    assert run.finished_at is not None
    moment = str(int(run.finished_at.timestamp()))
    name = f"{release.model.slug}-{release.version}"
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{version.suite.slug}/{name}/{moment}",
        "dedupe_identity": {
            "run_fingerprint": run.fingerprint,
            "hash_algorithm": "sha256",
            "canonicalization_version": "cesai-portal/1",
        },
        "evaluation_timestamp": moment,
        "retrieved_timestamp": moment,
        "source_metadata": {
            "source_name": f"{run.code}",
            "source_type": "evaluation_run",
            "source_organization_name": ORGANISATION,
            "source_organization_url": settings.SITE_URL,
            "evaluator_relationship": "first_party",
            "additional_details": {"run": settings.SITE_URL.rstrip("/") + run.get_absolute_url()},
        },
        "eval_library": {
            "name": LIBRARIES.get(version.harness.lower(), version.harness),
            "version": version.harness_version,
            "additional_details": {"environment_sha256": version.environment},
        },
        "model_info": {
            "name": str(release),
            "id": f"cesai/{name}",
            "developer": ORGANISATION,
            "additional_details": {
                f"sha256 of {path}": described["sha256"]
                for path, described in sorted(release.manifest.items())
            },
        },
        "evaluation_results": [_result(run, score, moment) for score in scores],
    }


def _result(run: Run, score: Score, moment: str) -> dict[str, Any]:
    task, version = score.task, run.suite_version
    return {
        "evaluation_name": task.name,
        "evaluation_timestamp": moment,
        "source_data": {
            "dataset_name": task.name,
            "source_type": "other",
            "additional_details": {
                "licence": task.licence,
                "language": task.language,
                "content_hash": task.content_hash,
                **{f"sha256 of {name}": sha256 for name, sha256 in sorted(task.files.items())},
            },
        },
        "metric_config": {
            "evaluation_description": f"{task.title_en}: {score.metric}",
            "lower_is_better": not score.higher_is_better,
            "score_type": "continuous",
            "min_score": 0 if score.value >= 0 else -UNBOUNDED,
            "max_score": 1 if is_share(score) else UNBOUNDED,
            "additional_details": {"metric": score.metric},
        },
        "score_details": {"score": score.value, "uncertainty": _uncertainty(score)},
        "generation_config": {
            "additional_details": {
                "shots": str(task.shots),
                "seed": str(version.seed),
                "applies_chat_template": "true" if version.applies_chat_template else "false",
            }
        },
    }


def _uncertainty(score: Score) -> dict[str, Any]:
    """One standard error, and the 95 % interval that the portal shows."""
    found: dict[str, Any] = {"num_samples": score.questions}
    if score.stderr is not None:
        found["standard_error"] = {"value": score.stderr, "method": "analytic"}
    if interval := score.interval:
        found["confidence_interval"] = {
            "lower": interval.low,
            "upper": interval.high,
            "confidence_level": 0.95,
            "method": "wilson" if score.right is not None else "normal",
        }
    return found


def render(run: Run, scores: list[Score]) -> bytes:
    return json.dumps(document(run, scores), ensure_ascii=False, indent=2).encode()
