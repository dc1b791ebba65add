"""From what is approved and what is there to what will be done: pure, and the same every time.

A plan is a list of operations that a person can read, the bytes they move, and a digest over all of it.
Whoever approves a plan approves exactly this digest.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from hub.state import MANAGED_BY_HUB, RemoteState, TreeFile

CARD = "README.md"
MANIFEST = "MANIFEST.sha256.json"


class Action(StrEnum):
    CREATE = "create"
    ADOPT = "adopt"
    GATE = "gate"
    ADD = "add"
    REPLACE = "replace"
    DELETE = "delete"
    TAG = "tag"
    PUBLISH = "publish"
    HIDE = "hide"


class Blocker(StrEnum):
    """Why a plan may not be approved: a person has to settle this at the Hub or in the portal first."""

    RENAMED = "renamed"
    REPLACED = "replaced"
    VANISHED = "vanished"
    DISABLED = "disabled"
    TAG_TAKEN = "tag_taken"


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the portal wants to stand on the Hub: all files (the card included), settings and the tag."""

    repo_id: str
    files: Mapping[str, TreeFile]
    tag: str
    title: str
    private: bool = False
    gated: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Bond:
    """What the portal remembers of the repository: the Hub's internal id, and what it published last."""

    internal_id: str = ""
    published: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    action: Action
    path: str = ""
    size: int = 0
    value: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"action": self.action.value, "path": self.path, "size": self.size, "value": self.value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Operation":
        return cls(Action(data["action"]), data["path"], data["size"], data["value"])


@dataclasses.dataclass(frozen=True, slots=True)
class SyncPlan:
    """`expected` is the whole tree after the commit, `drift` the paths that others changed since our last one."""

    repo_id: str
    base_sha: str
    operations: tuple[Operation, ...]
    expected: Mapping[str, TreeFile]
    settings: tuple[tuple[str, str, str], ...]
    drift: tuple[str, ...]
    blockers: tuple[Blocker, ...]
    title: str
    tag: str

    @property
    def is_empty(self) -> bool:
        return not self.operations

    @property
    def bytes_to_send(self) -> int:
        return sum(op.size for op in self.operations if op.action in (Action.ADD, Action.REPLACE))

    @property
    def digest(self) -> str:
        """SHA-256 of the plan's canonical JSON: sorted keys, no spaces, UTF-8."""
        return hashlib.sha256(canonical(self.as_dict())).hexdigest()

    def paths(self, *actions: Action) -> list[str]:
        return [op.path for op in self.operations if op.action in actions]

    def as_dict(self) -> dict[str, Any]:
        return {
            "repo_id": self.repo_id,
            "base_sha": self.base_sha,
            "operations": [op.as_dict() for op in self.operations],
            "expected": {path: dataclasses.asdict(file) for path, file in sorted(self.expected.items())},
            "settings": [list(change) for change in self.settings],
            "drift": list(self.drift),
            "blockers": [blocker.value for blocker in self.blockers],
            "title": self.title,
            "tag": self.tag,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SyncPlan":
        return cls(
            repo_id=data["repo_id"],
            base_sha=data["base_sha"],
            operations=tuple(Operation.from_dict(item) for item in data["operations"]),
            expected={path: TreeFile(**file) for path, file in data["expected"].items()},
            settings=tuple((name, before, after) for name, before, after in data["settings"]),
            drift=tuple(data["drift"]),
            blockers=tuple(Blocker(item) for item in data["blockers"]),
            title=data["title"],
            tag=data["tag"],
        )


def canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def manifest(files: Mapping[str, TreeFile]) -> bytes:
    """Sizes and SHA-256 of all published files but the card, for whoever wants to check a download."""
    listed = {path: {"size": f.size, "sha256": f.sha256} for path, f in sorted(files.items()) if path != CARD}
    return (json.dumps({"version": 1, "files": listed}, indent=2, ensure_ascii=False) + "\n").encode()


def tree_file(content: bytes) -> TreeFile:
    git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return TreeFile(len(content), hashlib.sha256(content).hexdigest(), git.hexdigest())


def make_plan(wanted: Wanted, remote: RemoteState, bond: Bond | None = None) -> SyncPlan:
    """The operations that turn `remote` into `wanted`. Files of others stay; only files we published go away."""
    bond = bond or Bond()
    theirs = {path: file for path, file in remote.files.items() if path not in MANAGED_BY_HUB}
    files = _file_operations(wanted, remote, bond)
    operations: list[Operation] = []
    if not remote.exists:
        operations.append(Operation(Action.CREATE, value=wanted.repo_id))
    elif not bond.internal_id and not remote.is_empty:
        operations.append(Operation(Action.ADOPT, value=remote.internal_id))
    if remote.gated != wanted.gated:
        operations.append(Operation(Action.GATE, value=wanted.gated))
    operations += files
    if wanted.tag and wanted.tag not in remote.tags:
        operations.append(Operation(Action.TAG, value=wanted.tag))
    if remote.private and not wanted.private:
        operations.append(Operation(Action.PUBLISH, value="public"))
    elif remote.exists and not remote.private and wanted.private:
        operations.append(Operation(Action.HIDE, value="private"))
    gone = {operation.path for operation in files if operation.action is Action.DELETE}
    # A large file's git id on the Hub is its pointer's; SHA-256 and size decide there, so the pair is kept.
    kept = {
        path: TreeFile(file.size, file.sha256, file.git_oid)
        for path, file in theirs.items()
        if path not in gone and path not in wanted.files
    }
    return SyncPlan(
        repo_id=wanted.repo_id,
        base_sha=remote.head,
        operations=tuple(operations),
        expected={**kept, **wanted.files},
        settings=_settings(wanted, remote),
        drift=_drift(remote, bond),
        blockers=_blockers(wanted, remote, bond, files),
        title=wanted.title,
        tag=wanted.tag,
    )


def _file_operations(wanted: Wanted, remote: RemoteState, bond: Bond) -> list[Operation]:
    operations = []
    for path, file in sorted(wanted.files.items()):
        there = remote.files.get(path)
        if there is None:
            operations.append(Operation(Action.ADD, path, file.size, file.sha256))
        elif not there.is_same(file):
            operations.append(Operation(Action.REPLACE, path, file.size, file.sha256))
    ours_no_more = bond.published.keys() - wanted.files.keys() - MANAGED_BY_HUB
    operations += [Operation(Action.DELETE, path) for path in sorted(ours_no_more & remote.files.keys())]
    return operations


def _settings(wanted: Wanted, remote: RemoteState) -> tuple[tuple[str, str, str], ...]:
    def visibility(private: bool) -> str:
        return "private" if private else "public"

    changes = []
    if remote.private != wanted.private:
        changes.append(("visibility", visibility(remote.private), visibility(wanted.private)))
    if remote.gated != wanted.gated:
        changes.append(("gated", remote.gated, wanted.gated))
    return tuple(changes)


def _drift(remote: RemoteState, bond: Bond) -> tuple[str, ...]:
    """Files that we published and that are no longer what we published."""
    return tuple(
        path
        for path, content_id in sorted(bond.published.items())
        if path not in remote.files or remote.files[path].content_id != content_id
    )


def _blockers(wanted: Wanted, remote: RemoteState, bond: Bond, files: list[Operation]) -> tuple[Blocker, ...]:
    blockers = []
    if remote.exists and remote.repo_id != wanted.repo_id:
        blockers.append(Blocker.RENAMED)
    if bond.internal_id and not remote.exists:
        blockers.append(Blocker.VANISHED)
    if bond.internal_id and remote.exists and remote.internal_id != bond.internal_id:
        blockers.append(Blocker.REPLACED)
    if remote.disabled:
        blockers.append(Blocker.DISABLED)
    # A tag promises the same weights for ever; the card alone may still be improved under it.
    if wanted.tag in remote.tags and any(operation.path != CARD for operation in files):
        blockers.append(Blocker.TAG_TAKEN)
    return tuple(blockers)
