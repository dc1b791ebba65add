"""Why a run ended. The codes are part of the contract: the portal has a sentence for each."""

from __future__ import annotations

EXIT_CODES = {
    "published": 0,
    "already_published": 0,
    "spec_invalid": 64,
    "data_changed": 65,
    "environment_failed": 66,
    "index_unreachable": 67,
    "endpoint_failed_to_start": 68,
    "endpoint_unreachable": 69,
    "endpoint_refused": 77,
    "endpoint_died": 78,
    "wrong_model": 76,
    "wrong_device": 70,
    "no_logprobs": 79,
    "logprobs_wrong": 80,
    "task_unknown": 81,
    "data_missing": 82,
    "harness_failed": 71,
    "result_invalid": 72,
    "internal_error": 73,
    "time_limit": 74,
    "busy": 75,
    "stopped": 143,
}


class Stopped(Exception):
    """The run cannot go on. `reason` is a key of EXIT_CODES, the text is for the log and the manager."""

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason
        self.code = EXIT_CODES[reason]
