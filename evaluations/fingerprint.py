"""What decides about a score, as one number."""

import hashlib
import json
from typing import Any

from evaluations.models import SuiteVersion
from portfolio.models import ModelRelease

# lm-eval's `local-completions` with the tokenizer of the endpoint: no tokenizer is downloaded, nothing needs torch.
MODEL_TYPE = "local-completions"
MODEL_ARGUMENTS = {"tokenizer_backend": "remote", "max_length": 4096, "num_concurrent": 1, "max_retries": 3}


def identity_of(release: ModelRelease, version: SuiteVersion) -> dict[str, Any]:
    """Every input that a score depends on. Two runs with equal identity answer the same question.

    A release's files count by content; where it is served from elsewhere, the address counts too.
    """
    return {
        "model": {
            "repository": release.model.slug,
            "version": release.version,
            "files": {path: file["sha256"] for path, file in sorted(release.manifest.items())},
            "served_name": release.served_name,
        },
        "serving": {"command": list(release.serve_command), "url": release.endpoint_url},
        "harness": {
            "name": version.harness,
            "version": version.harness_version,
            "environment": version.environment,
            "model_type": MODEL_TYPE,
            "model_arguments": MODEL_ARGUMENTS,
        },
        "tasks": [
            {
                "name": task.name,
                "files": task.files,
                "dataset": [task.dataset, task.configuration, task.revision],
                "shots": task.shots,
            }
            for task in sorted(version.tasks.all(), key=lambda task: task.name)
        ],
        "prompt": {"applies_chat_template": version.applies_chat_template},
        "seed": version.seed,
        "limit": None,
    }


def fingerprint_of(release: ModelRelease, version: SuiteVersion) -> str:
    """SHA-256, in hexadecimal, of the identity as canonical JSON."""
    canonical = json.dumps(
        identity_of(release, version), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
