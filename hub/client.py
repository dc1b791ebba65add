"""The one door to the Hub; nothing else imports huggingface_hub.

Written against huggingface_hub 2.4. Three habits of that library shape this module: over HTTPS it turns the
401 of a revoked token into "repository not found"; it never retries the commit itself, so a lost answer must
be settled by looking; and its exceptions hold the request with the token, so none of them leaves this file.
"""

import contextvars
import dataclasses
import logging
import os
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Read by the library when it is imported. Debug mode would print webhook secrets and signed links.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.pop("HF_DEBUG", None)

import httpx2
import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import parse_ratelimit_headers

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
    redacted,
)
from hub.state import MANAGED_BY_HUB, RemoteFile, RemoteState, TreeFile

logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
logging.getLogger("httpx2").setLevel(logging.WARNING)

CONNECT_SECONDS, ANSWER_SECONDS = 10, 120
TRAILER = "Portal-Plan"


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """Whose token this is, and where it may write."""

    name: str
    organisations: tuple[str, ...]
    token_name: str
    role: str


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """One file to publish: from the disk, or straight from memory. `sha256` is what was approved."""

    path: str
    source: Path | bytes
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Landed:
    """A commit that is on the Hub. `recovered`: its answer had been lost, and it was found by looking."""

    oid: str
    recovered: bool


@dataclasses.dataclass(slots=True)
class Traffic:
    """What was asked of the Hub during one run, without bodies and tokens."""

    requests: list[tuple[str, str, int]] = dataclasses.field(default_factory=list)
    request_ids: list[str] = dataclasses.field(default_factory=list)
    remaining: int | None = None
    reset_seconds: int | None = None


_traffic: contextvars.ContextVar[Traffic | None] = contextvars.ContextVar("hub_traffic", default=None)


class HubClient:
    """The Hub as one account sees it. Every method raises only the errors of `hub.errors`."""

    def __init__(self, endpoint: str, token: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._token = token
        self._api = huggingface_hub.HfApi(endpoint=self.endpoint, token=token, library_name="cesai-portal")

    def __repr__(self) -> str:
        return f"<HubClient {self.endpoint}>"

    def __reduce__(self) -> tuple:
        raise TypeError("A Hub client holds a token and is never pickled.")

    def whoami(self) -> Account:
        """Whose token it is. Strictly rate limited by the Hub: for explanations, not for polling."""
        data = self._ask(self._api.whoami)
        access = (data.get("auth") or {}).get("accessToken") or {}
        return Account(
            name=data["name"],
            organisations=tuple(item["name"] for item in data.get("orgs", ())),
            token_name=access.get("displayName", ""),
            role=access.get("role", ""),
        )

    def preflight(self, repo_id: str) -> None:
        """Raise unless the token may write to this existing repository."""
        self._ask(self._api.auth_check, repo_id, write=True)

    def remote_state(self, repo_id: str) -> RemoteState:
        """What is there now. "Missing" is only ever the answer to a token that the Hub knows."""
        try:
            info = self._ask(self._api.model_info, repo_id, files_metadata=True, timeout=ANSWER_SECONDS)
        except HubNotFoundError:
            return RemoteState.missing(repo_id)
        references = self._ask(self._api.list_repo_refs, repo_id)
        return RemoteState(
            repo_id=info.id,
            exists=True,
            internal_id=getattr(info, "_id", "") or "",
            head=info.sha,
            private=bool(info.private),
            gated=str(info.gated or ""),
            disabled=bool(info.disabled),
            used_storage=info.used_storage or 0,
            tags={tag.name: tag.target_commit for tag in references.tags},
            files={
                item.rfilename: RemoteFile(
                    item.size or 0, item.blob_id or "", item.lfs.sha256 if item.lfs else ""
                )
                for item in info.siblings or ()
            },
        )

    def ensure_repo(self, repo_id: str, *, region: str = "") -> None:
        """Create the repository as a private one; quietly accept that it exists."""
        options: dict[str, Any] = {"region": region} if region else {}
        self._change(self._api.create_repo, repo_id, visibility="private", exist_ok=True, **options)

    def commit(
        self,
        repo_id: str,
        *,
        parent: str,
        uploads: Sequence[Upload],
        deletions: Sequence[str],
        summary: str,
        digest: str,
        expected: dict[str, TreeFile],
        description: str = "",
    ) -> Landed:
        """Publish everything in one commit on top of `parent`, or nothing.

        Files go first and become visible with the commit only. `digest` names the plan in a trailer of the
        commit, so that after a lost answer the commit is recognised by trailer and tree and never made twice.
        Raises HubConflictError when the branch moved, HubFilesError when a file is not the approved one.
        """
        operations: list[Any] = [self._ask(_addition, upload) for upload in uploads]
        operations += [huggingface_hub.CommitOperationDelete(path, is_folder=False) for path in deletions]
        additions = [item for item in operations if isinstance(item, huggingface_hub.CommitOperationAdd)]
        self._ask(self._api.preupload_lfs_files, repo_id, additions=additions, free_memory=False)
        text = f"{description}\n\n{TRAILER}: {digest}".strip()
        try:
            info = self._change(
                self._api.create_commit,
                repo_id,
                operations=operations,
                commit_message=f"{summary} ({TRAILER} {digest[:12]})",
                commit_description=text,
                parent_commit=parent,
            )
        except (HubUnknownError, HubUnreachableError, HubConflictError) as error:
            failure: HubError = error
        else:
            # With nothing to change the library answers with the head as it is, whatever the parent was.
            if info.oid == parent and self.differences(repo_id, revision=parent, expected=expected):
                raise HubConflictError("nothing was committed, yet the tree is not the planned one")
            return Landed(info.oid, recovered=False)
        if oid := self.find_landed(repo_id, digest=digest, expected=expected):
            return Landed(oid, recovered=True)
        raise failure

    def find_landed(self, repo_id: str, *, digest: str, expected: dict[str, TreeFile]) -> str:
        """The commit that carries this plan's trailer and has exactly the planned tree; "" when there is none."""
        for commit in self._ask(self._api.list_repo_commits, repo_id):
            marked = f"{TRAILER}: {digest}" in commit.message or f"({TRAILER} {digest[:12]})" in commit.title
            if marked and not self.differences(repo_id, revision=commit.commit_id, expected=expected):
                return commit.commit_id
        return ""

    def differences(self, repo_id: str, *, revision: str, expected: dict[str, TreeFile]) -> list[str]:
        """Paths whose content at `revision` is not the expected one, in order; [] means verified."""
        listed = self._ask(lambda: list(self._api.list_repo_tree(repo_id, recursive=True, revision=revision)))
        found = {
            item.path: RemoteFile(item.size, item.blob_id, item.lfs.sha256 if item.lfs else "")
            for item in listed
            if isinstance(item, huggingface_hub.RepoFile) and item.path not in MANAGED_BY_HUB
        }
        return sorted(
            path
            for path in found.keys() | expected.keys()
            if path not in found or path not in expected or not found[path].is_same(expected[path])
        )

    def tag(self, repo_id: str, *, name: str, commit: str) -> None:
        """Make sure that the tag marks this commit; a tag that marks another one is a conflict."""
        try:
            self._change(self._api.create_tag, repo_id, tag=name, revision=commit)
        except (HubConflictError, HubUnknownError) as error:
            failure: HubError = error
        else:
            return
        tags = {tag.name: tag.target_commit for tag in self._ask(self._api.list_repo_refs, repo_id).tags}
        if tags.get(name) != commit:
            raise failure

    def change_settings(self, repo_id: str, *, private: bool | None = None, gated: str | None = None) -> None:
        """Set visibility and access conditions; `gated` is "", "auto" or "manual". May be repeated."""
        options: dict[str, Any] = {}
        if private is not None:
            options["visibility"] = "private" if private else "public"
        if gated is not None:
            options["gated"] = gated or False
        if options:
            self._change(self._api.update_repo_settings, repo_id, **options)

    @contextmanager
    def recording(self) -> Iterator[Traffic]:
        """Collect request ids and the rate budget of everything asked inside the block."""
        traffic = Traffic()
        mark = _traffic.set(traffic)
        try:
            yield traffic
        finally:
            _traffic.reset(mark)

    def _ask(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self._call(call, args, options, changes=False)

    def _change(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self._call(call, args, options, changes=True)

    def _call(self, call: Callable[..., Any], args: tuple, options: dict, *, changes: bool) -> Any:
        try:
            return call(*args, **options)
        except HubError as error:
            failure = error
        except (OSError, RuntimeError, ValueError, httpx2.HTTPError) as error:
            failure = _meaning(error, changes=changes, secret=self._token)
        # Raised outside of the handler: inside, __context__ would keep the request and with it the token.
        raise failure.with_traceback(None) from None


def _addition(upload: Upload) -> huggingface_hub.CommitOperationAdd:
    if isinstance(upload.source, Path) and not upload.source.is_file():
        raise HubFilesError(f"{upload.path} is missing")
    operation = huggingface_hub.CommitOperationAdd(upload.path, upload.source)
    if operation.upload_info.sha256.hex() != upload.sha256:
        raise HubFilesError(f"{upload.path} is not the file that was approved")
    return operation


def _meaning(error: BaseException, *, changes: bool, secret: str) -> HubError:
    """The error of our own that says what happened. The library hides answers behind causes, hence the walk."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    for link in chain:
        if isinstance(link, HubError):
            return link
        if isinstance(link, HfHubHTTPError) and link.response is not None:
            return _from_answer(link.response, link.server_message or "", changes=changes, secret=secret)
    name = type(error).__name__
    if any(
        isinstance(link, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout) for link in chain
    ):
        return HubUnreachableError(name)
    if any(isinstance(link, httpx2.HTTPError) for link in chain):
        return HubUnknownError(name) if changes else HubUnreachableError(name)
    if isinstance(error, ValueError):
        return HubRejectedError(redacted(str(error), secret))
    if isinstance(error, OSError) and not changes:
        return HubUnreachableError(redacted(f"{name}: {error.strerror or error}", secret))
    return HubUnknownError(redacted(f"{name}: {error}", secret))


def _from_answer(response: httpx2.Response, message: str, *, changes: bool, secret: str) -> HubError:
    status = response.status_code
    given = (redacted(message, secret)[:500], status, response.headers.get("X-Request-Id", ""))
    if status == 401:
        return HubAuthError(*given)
    if status == 402 or (status == 403 and "storage" in message.lower()):
        return HubQuotaError(*given)
    if status == 403:
        return HubForbiddenError(*given)
    if status == 404:
        return HubNotFoundError(*given)
    if status in (409, 412):
        return HubConflictError(*given)
    if 400 <= status < 500:
        return HubRejectedError(*given)
    return HubUnknownError(*given) if changes else HubUnreachableError(*given)


def _note_answer(response: httpx2.Response) -> None:
    """Runs for every answer: keeps the books, and lets no 429 put a worker to sleep for minutes."""
    budget = parse_ratelimit_headers(response.headers)
    request_id = response.headers.get("X-Request-Id", "")
    if traffic := _traffic.get():
        traffic.requests.append((response.request.method, response.request.url.path, response.status_code))
        traffic.request_ids.append(request_id)
        if budget:
            traffic.remaining, traffic.reset_seconds = budget.remaining, budget.reset_in_seconds
    if response.status_code == 429:
        seconds = budget.reset_in_seconds if budget and budget.remaining == 0 else 0
        retry_after = response.headers.get("Retry-After", "")
        seconds = seconds or (int(retry_after) if retry_after.isdigit() else 60)
        raise HubRateLimitError("too many requests", 429, request_id, eta=seconds + 1)


def _refuse_offline(_: httpx2.Request) -> None:
    if huggingface_hub.constants.is_offline_mode():
        raise HubUnreachableError("offline mode is switched on")


def use_certificates(ca_file: str | Path | None) -> None:
    """Trust this authority beside the system's own ones, in the Hub client alone."""

    def client() -> httpx2.Client:
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(cafile=str(ca_file))
        return httpx2.Client(
            verify=context,
            follow_redirects=True,
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            event_hooks={"request": [_refuse_offline], "response": [_note_answer]},
        )

    huggingface_hub.set_client_factory(client)


use_certificates(None)
