"""The real client library against the double, over TLS."""

import hashlib
import logging
import pickle
import ssl
import traceback
import urllib.error
import urllib.request

import huggingface_hub
import pytest

from hub.client import HubClient, Upload
from hub.double.faults import Kind
from hub.errors import (
    HubAuthError,
    HubConflictError,
    HubError,
    HubFilesError,
    HubForbiddenError,
    HubNotFoundError,
    HubQuotaError,
    HubRateLimitError,
    HubRejectedError,
    HubUnknownError,
    HubUnreachableError,
)
from tests.hub.doubles import CANARY, FOREIGNER, READER, REPO
from tests.hub.publishing import Publisher


def test_a_publication_is_one_commit_with_card_and_files_verified_afterwards(hub, double):
    publisher = Publisher(hub, {"model.txt": b"drei Worte\n"})
    plan = publisher.plan()
    landed = publisher.publish()
    assert not landed.recovered
    assert double.commits(REPO) == 1
    assert hub.differences(REPO, revision=landed.oid, expected=dict(plan.expected)) == []
    state = hub.remote_state(REPO)
    assert (state.head, state.private, state.tags) == (landed.oid, False, {"v1.0": landed.oid})
    assert state.files.keys() == {
        ".gitattributes",
        "README.md",
        "config.json",
        "MANIFEST.sha256.json",
        "model.txt",
    }


def test_the_second_plan_is_empty_and_commits_nothing(hub, double):
    publisher = Publisher(hub)
    publisher.publish()
    second = publisher.plan()
    assert second.is_empty
    assert not second.drift
    landed = publisher.commit(second)
    assert landed.oid == hub.remote_state(REPO).head
    assert double.commits(REPO) == 1


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.ERROR_AFTER])
def test_a_lost_answer_is_settled_by_looking_and_leaves_exactly_one_commit(hub, double, kind):
    double.order("commit", kind)
    landed = Publisher(hub).publish()
    assert landed.recovered
    assert double.commits(REPO) == 1
    assert double.count("commit") == 1


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.ERROR_BEFORE])
def test_a_commit_that_never_happened_stays_unknown_and_can_be_repeated(hub, double, kind):
    double.order("commit", kind)
    publisher = Publisher(hub)
    plan = publisher.plan()
    with pytest.raises(HubUnknownError):
        publisher.commit(plan)
    assert double.commits(REPO) == 0
    assert not publisher.commit(plan).recovered
    assert double.commits(REPO) == 1


def test_a_repeated_commit_is_recognised_and_not_made_twice(hub, double):
    publisher = Publisher(hub)
    plan = publisher.plan()
    first = publisher.commit(plan)
    expected = dict(plan.expected)
    assert hub.find_landed(REPO, digest=plan.digest, expected=expected) == first.oid
    assert hub.find_landed(REPO, digest="0" * 64, expected=expected) == ""


def test_a_branch_that_moved_is_a_conflict_and_nothing_is_overwritten(hub, double):
    publisher = Publisher(hub)
    publisher.publish()
    publisher.contents["config.json"] = b'{"order": 4}\n'
    publisher.tag = "v1.1"
    plan = publisher.plan()
    double.order("commit", Kind.FOREIGN_COMMIT)
    with pytest.raises(HubConflictError) as caught:
        publisher.commit(plan)
    assert caught.value.status == 412
    state = hub.remote_state(REPO)
    assert "NOTE.md" in state.files
    assert state.head not in {plan.base_sha}


def test_a_revoked_token_is_refused_access_and_never_a_missing_repository(hub, double):
    Publisher(hub).publish()
    double.tokens.revoke(CANARY)
    # What the library makes of the same answer, and why every 401 has a class of its own here.
    assert huggingface_hub.HfApi(endpoint=double.endpoint, token=CANARY).repo_exists(REPO) is False
    with pytest.raises(HubAuthError):
        hub.remote_state(REPO)
    with pytest.raises(HubAuthError):
        hub.preflight(REPO)
    with pytest.raises(HubAuthError):
        hub.whoami()


def test_a_repository_that_is_not_there_is_missing_for_a_good_token_only(hub, double):
    assert not hub.remote_state("cesai-demo/nothing").exists
    with pytest.raises(HubNotFoundError):
        hub.preflight("cesai-demo/nothing")


def test_a_token_without_the_right_is_forbidden(double, hub):
    hub.ensure_repo(REPO)
    with pytest.raises(HubForbiddenError):
        HubClient(double.endpoint, READER).preflight(REPO)
    with pytest.raises(HubForbiddenError):
        HubClient(double.endpoint, FOREIGNER).ensure_repo("cesai-demo/other")


def test_a_full_storage_is_a_quota_error(hub, double):
    double.order("commit", Kind.STORAGE)
    with pytest.raises(HubQuotaError, match="storage"):
        Publisher(hub).publish()
    assert double.commits(REPO) == 0


@pytest.mark.parametrize("operation", ["preupload", "commit", "info", "tag_create"])
def test_a_rate_limit_frees_the_worker_at_once_and_says_when_to_come_back(hub, double, operation):
    double.order(operation, Kind.RATE_LIMIT, reset=41)
    with pytest.raises(HubRateLimitError) as caught:
        Publisher(hub).publish()
    assert caught.value.eta == 42
    assert double.count(operation) == 1


@pytest.mark.parametrize("multipart_from", [None, 1])
def test_a_large_file_arrives_with_the_promised_hash(hub, double, tmp_path, multipart_from):
    double.multipart_from = multipart_from
    content = bytes(range(256)) * (44 * 1024)  # 11 MiB: above the limit for regular files, three parts
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(content)
    publisher = Publisher(hub, {"weights.gguf": content})
    plan = publisher.plan()
    assert plan.bytes_to_send > 11 * 1024 * 1024
    landed = publisher.publish()
    sha256 = hashlib.sha256(content).hexdigest()
    assert hub.remote_state(REPO).files["weights.gguf"].sha256 == sha256
    assert hub.differences(REPO, revision=landed.oid, expected=dict(plan.expected)) == []
    assert double.count("lfs_part") == (3 if multipart_from else 0)
    context = ssl.create_default_context(cafile=str(double.ca_file))
    url = f"{double.endpoint}/{REPO}/resolve/main/weights.gguf"
    with urllib.request.urlopen(url, context=context) as answer:
        assert hashlib.sha256(answer.read()).hexdigest() == sha256


def test_a_large_file_that_is_there_already_is_not_sent_again(hub, double):
    content = b"\0" * (11 * 1024 * 1024)
    publisher = Publisher(hub, {"weights.bin": content})
    double.order("commit", Kind.ERROR_BEFORE)
    with pytest.raises(HubUnknownError):
        publisher.publish()
    publisher.publish()
    assert double.count("lfs_put") == 1


def test_a_file_that_is_not_the_approved_one_is_never_sent(hub, double):
    hub.ensure_repo(REPO)
    head = hub.remote_state(REPO).head
    with pytest.raises(HubFilesError, match="approved"):
        hub.commit(
            REPO,
            parent=head,
            uploads=[Upload("a.txt", b"swapped", hashlib.sha256(b"approved").hexdigest())],
            deletions=[],
            summary="x",
            digest="d" * 64,
            expected={},
        )
    assert double.commits(REPO) == 0


def test_a_card_with_bad_metadata_is_rejected_before_anything_is_sent(hub, double):
    publisher = Publisher(hub)
    publisher.contents["README.md"] = b"---\nlicense: [unclosed\n---\n"
    with pytest.raises(HubRejectedError, match="YAML"):
        publisher.publish()
    assert double.count("commit") == 0


def test_a_tag_that_marks_another_commit_is_a_conflict(hub, double):
    landed = Publisher(hub).publish()
    hub.tag(REPO, name="v1.0", commit=landed.oid)
    first = next(iter(double.store.get(REPO).commits))
    with pytest.raises(HubConflictError):
        hub.tag(REPO, name="v1.0", commit=first)


def test_a_lost_answer_to_a_tag_is_settled_by_looking(hub, double):
    double.order("tag_create", Kind.DROP_AFTER)
    landed = Publisher(hub).publish()
    assert hub.remote_state(REPO).tags == {"v1.0": landed.oid}


def test_a_hub_that_is_not_there_is_unreachable(double, certificate_folder):
    with pytest.raises(HubUnreachableError):
        HubClient("https://localhost:9", CANARY).remote_state(REPO)


def test_a_server_with_an_unknown_certificate_is_not_trusted(double):
    from hub import client

    client.use_certificates(None)
    with pytest.raises(HubUnreachableError):
        HubClient(double.endpoint, CANARY).remote_state(REPO)


def test_a_renamed_repository_answers_under_its_new_name(hub, double):
    Publisher(hub).publish()
    double.store.move(REPO, "cesai-demo/neu")
    assert hub.remote_state(REPO).repo_id == "cesai-demo/neu"


def test_whoami_names_account_and_namespaces(hub):
    account = hub.whoami()
    assert (account.name, account.organisations, account.role) == ("portal", ("cesai-demo",), "write")


def test_request_ids_and_budget_are_recorded(hub, double):
    with hub.recording() as traffic:
        hub.remote_state(REPO)
    assert traffic.requests[0][:2] == ("GET", f"/api/models/{REPO}")
    assert traffic.request_ids == [entry.request_id for entry in double.log]
    assert 0 < traffic.remaining < 1000


@pytest.mark.parametrize(
    "operation", ["info", "create", "validate_yaml", "preupload", "commit", "tag_create", "settings"]
)
@pytest.mark.parametrize(
    "kind", [Kind.REVOKE, Kind.STORAGE, Kind.RATE_LIMIT, Kind.FORBIDDEN], ids=lambda kind: kind.name
)
def test_no_error_carries_the_token_in_any_form(hub, double, caplog, operation, kind):
    caplog.set_level(logging.DEBUG)
    double.order(operation, kind, times=9)
    with pytest.raises(HubError) as caught:
        Publisher(hub).publish()
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    written = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    seen = [repr(error), str(error), caplog.text, written, repr(hub), pickle.dumps(error).decode("latin-1")]
    assert not [text for text in seen if CANARY in text]
    assert pickle.loads(pickle.dumps(error)).kind == error.kind


def test_a_client_is_never_pickled(hub):
    with pytest.raises(TypeError):
        pickle.dumps(hub)


def test_the_log_of_the_double_names_no_token_and_no_signed_link(hub, double):
    Publisher(hub, {"w.bin": b"\0abc"}).publish()
    text = (double.store.root / "requests.jsonl").read_text()
    assert CANARY not in text
    assert "signature" not in text


def test_a_large_file_link_that_nobody_signed_is_refused(double):
    context = ssl.create_default_context(cafile=str(double.ca_file))
    request = urllib.request.Request(f"{double.endpoint}/_lfs/{'0' * 64}/upload", data=b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, context=context)
