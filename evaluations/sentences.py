"""What the machine's codes say to people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "evaluations.run_requested": _("requested the evaluation run"),
    "evaluations.run_cancelled": _("cancelled the evaluation run"),
    "evaluations.run_failed": _("could not finish the evaluation run"),
    "evaluations.run_quarantined": _("put into quarantine the evaluation run"),
    "evaluations.suite_pinned": _("pinned the data sets of the suite"),
    "evaluations.budget_set": _("set the compute budget of"),
    "evaluations.engine_paused": _("paused the engine"),
    "evaluations.engine_resumed": _("let runs again onto the engine"),
    "evaluations.price_set": _("set the price of an hour for"),
    "evaluations.run_succeeded": _("finished the evaluation run"),
    "evaluations.run_released": _("released from quarantine the evaluation run"),
    "evaluations.run_rejected": _("rejected the result of the evaluation run"),
    "evaluations.result_replayed": _("read again the result of the evaluation run"),
    "evaluations.result_handed_in": _("handed in a result for the evaluation run"),
    "evaluations.reference_handed_in": _("handed in the reference of the release"),
    "evaluations.scores_imported": _("imported scores of the release"),
    "evaluations.regression_found": _("found that the new release does worse in the evaluation run"),
    "evaluations.regression_acknowledged": _(
        "acknowledged that the release does worse in the evaluation run"
    ),
}

# What happened, and what to do about it.
REASONS: dict[str, Any] = {
    # from the runner: evaluations/runner/reasons.py
    "spec_invalid": _("The specification of the run is not valid. This is a fault of the portal."),
    "data_changed": _("The questions in the run's folder are not those that the suite pins."),
    "environment_failed": _("The evaluation harness could not be installed. The log says why."),
    "index_unreachable": _(
        "The evaluation harness could not be installed: the package index does not answer. It is needed once, before "
        "the first run. Please check the network and request the run again."
    ),
    "endpoint_failed_to_start": _(
        "The model's endpoint could not be started. The details below are its last words."
    ),
    "endpoint_unreachable": _(
        "Nobody answers at the address of the model's endpoint. Please start the endpoint, or correct the address in a "
        "new release, and request the run again. Nothing was measured."
    ),
    "endpoint_refused": _("The model's endpoint refuses the portal's key."),
    "endpoint_died": _("The model's endpoint ended in the middle of the run."),
    "wrong_model": _(
        "The endpoint serves another model than the release says. Nothing was scored, so that no other model's answers "
        "can pass for this one's."
    ),
    "wrong_device": _(
        "A GPU was asked for, but none was seen working for this run. Nothing was scored. An administrator has to look at "
        "the node."
    ),
    "no_logprobs": _(
        "The model's endpoint does not give the log-probabilities of a text, or no token ids. Without them neither the "
        "model nor its answers can be checked."
    ),
    "logprobs_wrong": _(
        "The model's endpoint gives wrong log-probabilities for the golden continuations. Scores from it would look "
        "plausible and be wrong. Please use another version of the endpoint's software."
    ),
    "task_unknown": _(
        "The evaluation harness does not know a task of the suite. The details name it; the suite needs a new version with "
        "the right name."
    ),
    "data_missing": _(
        "A data set of the suite is not there, and nothing is fetched during a run. The details name it. An administrator "
        "has to put it in place; then request the run again."
    ),
    "harness_failed": _("The evaluation harness ended with an error. The details below are its last words."),
    "result_invalid": _("The evaluation harness ended without a complete result."),
    "internal_error": _("The runner met an error of its own. This is a fault of the portal."),
    "time_limit": _("The run took longer than its time limit and was ended."),
    # from the portal
    "engine_refused": _("The engine did not take the run."),
    "engine_partition": _(
        "The cluster does not have the partition that the engine's settings name. An administrator has to correct them."
    ),
    "engine_account": _(
        "The cluster does not let the portal compute under the account or quality of service that the engine's settings "
        "name. An administrator has to clear this up with the computing centre."
    ),
    "engine_resources": _(
        "The cluster has no node with the GPUs, cores or memory that the engine's settings ask for. An administrator has "
        "to correct them."
    ),
    "engine_limits": _("The run asks for more than the cluster's limits allow the portal."),
    "out_of_memory": _("The run needed more memory than it had asked the cluster for."),
    "cancelled_at_engine": _(
        "The run was cancelled at the cluster, not in the portal. Please ask the computing centre why, and request the run "
        "again."
    ),
    "job_failed": _("The job could not start on the cluster. The details below are its last words."),
    "files_missing": _("Files of the suite or of the release are missing on the portal's disk."),
    "forgotten": _("The engine no longer knows the run, and there is no result."),
    "interrupted_too_often": _("The run was interrupted again and again and was given up."),
    "no_reason": _("The run ended without a word."),
    # gates of the ingest
    "foreign_result": _("The result belongs to another run."),
    "foreign_model": _("The answers come from another model than the release."),
    "other_harness": _("The harness had another version than the suite pins."),
    "file_missing": _("A file of the result is missing."),
    "file_damaged": _("A file of the result cannot be read."),
    "file_changed": _("A file of the result was changed after it was written."),
    "task_missing": _("A task of the suite is missing in the result."),
    "questions_missing": _("Not every question of the suite was answered exactly once."),
    "other_questions": _("The questions were not those of the first accepted run of this suite version."),
    "not_a_number": _("A score or an answer is not a number."),
    "mean_differs": _("The score does not follow from the single answers."),
    "stderr_differs": _(
        "The standard error does not follow from the single answers; its scale is another one."
    ),
    "limited": _("The harness was told to ask only a part of the questions."),
    "other_template": _("The prompts had another template than the suite pins."),
    "answers_edited": _("The single answers were changed after the harness had written them."),
    "foreign_cache": _(
        "Answers came out differently when some were asked for again: they may be another model's, from a foreign cache."
    ),
    "device_unproven": _("The runner did not see the GPUs work that were asked for."),
    "calibration_missing": _(
        "Nothing independent says what this release has to answer, so its endpoint cannot be checked. Please hand in a "
        "reference of the release, and have the result checked again."
    ),
    "calibration_failed": _(
        "The endpoint's log-probabilities of the golden continuations are not those of the release."
    ),
    "logprobs_shifted": _(
        "The endpoint's log-probabilities belong to the neighbouring token. Scores from it look plausible and are wrong."
    ),
    "answers_empty": _("Too many answers are empty."),
    "answers_truncated": _("Answers were cut off at their longest."),
    "log_warning": _(
        "The harness warned that a score may not be what it looks like. The details name the warnings."
    ),
}

# Why a cluster has not started a job yet: the beginning of its own word, and what it means.
WAITS: dict[str, Any] = {
    "Resources": _("It waits for GPUs, cores or memory that other jobs use at the moment."),
    "Priority": _("It waits behind other jobs at the cluster."),
    "QOS": _("It waits because the portal's share of the cluster (quality of service) is in use."),
    "Assoc": _("It waits because the portal's share of the cluster (account) is in use."),
    "Dependency": _("It waits until an earlier start of the same run has ended."),
    "BeginTime": _("The cluster has put it back and starts it again in a few minutes."),
    "JobHeld": _("Somebody at the cluster holds it back. Please ask the computing centre."),
    "JobHoldMaxRequeue": _(
        "The cluster has put it back too often and holds it. Please ask the computing centre."
    ),
    "Partition": _(
        "The partition does not take it: it is closed, or the run asks for more than it allows. An administrator has to look."
    ),
    "ReqNodeNotAvail": _("It waits for nodes that are out of service or reserved."),
    "NodeDown": _("It waits for nodes that are out of service."),
    "Reservation": _("It waits for a reservation at the cluster."),
    "Licenses": _("It waits for a licence at the cluster."),
}


def waiting(word: str) -> Any:
    """A sentence for the engine's word; the word itself where there is none, and nothing for nothing."""
    for beginning, sentence in WAITS.items():
        if word.startswith(beginning):
            return sentence
    return "" if word in ("", "None") else word
