"""What the double keeps: repositories as commits with trees, blobs and large files, all in one folder.

objects/<git sha-1>          content of regular files
lfs/<sha-256>                content of large files
repositories/<ns>/<name>.json   commits with their trees, refs and settings
moved.json                   old name -> new name
"""

import dataclasses
import datetime
import hashlib
import json
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GITATTRIBUTES = "".join(
    f"{pattern} filter=lfs diff=lfs merge=lfs -text\n"
    for pattern in (
        "*.7z", "*.arrow", "*.bin", "*.bz2", "*.ckpt", "*.ftz", "*.gguf", "*.gz", "*.h5", "*.joblib",
        "*.lfs.*", "*.model", "*.msgpack", "*.npy", "*.npz", "*.onnx", "*.parquet", "*.pb", "*.pickle",
        "*.pkl", "*.pt", "*.pth", "*.rar", "*.safetensors", "*.tar", "*.tflite", "*.tgz", "*.wasm",
        "*.xz", "*.zip", "*.zst",
    )
).encode()  # fmt: skip
LFS_SUFFIXES = tuple(
    line[1:].split(" ")[0] for line in GITATTRIBUTES.decode().splitlines() if "lfs.*" not in line
)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree. `oid` is git's: of the content, or of the pointer when `sha256` marks a large file."""

    oid: str
    size: int
    sha256: str = ""

    @property
    def pointer_size(self) -> int:
        return len(pointer(self.sha256, self.size))


@dataclasses.dataclass(slots=True)
class Commit:
    id: str
    parent: str
    title: str
    message: str
    author: str
    date: str
    tree: dict[str, Entry]


@dataclasses.dataclass(slots=True)
class Repository:
    id: str
    internal_id: str
    created_at: str
    private: bool
    gated: str | bool = False
    disabled: bool = False
    branches: dict[str, str] = dataclasses.field(default_factory=dict)
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    commits: dict[str, Commit] = dataclasses.field(default_factory=dict)

    @property
    def head(self) -> str:
        return self.branches["main"]

    def resolve(self, revision: str) -> Commit | None:
        """The commit behind a branch, a tag, or a commit id shortened to no less than seven digits."""
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        oid = self.branches.get(name) or self.tags.get(name)
        if oid is None and len(revision) >= 7:
            oid = next((known for known in self.commits if known.startswith(revision)), None)
        return self.commits[oid] if oid else None

    def history(self, commit: Commit) -> Iterator[Commit]:
        current: Commit | None = commit
        while current is not None:
            yield current
            current = self.commits.get(current.parent)

    def add_commit(
        self, *, branch: str, tree: dict[str, Entry], title: str, message: str, author: str
    ) -> Commit:
        parent = self.branches.get(branch, "")
        date = now()
        fingerprint = json.dumps(
            [parent, title, message, author, date, sorted((p, e.oid) for p, e in tree.items())]
        )
        oid = hashlib.sha1(fingerprint.encode(), usedforsecurity=False).hexdigest()
        commit = Commit(oid, parent, title, message, author, date, tree)
        self.commits[oid] = commit
        self.branches[branch] = oid
        return commit


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def git_oid(content: bytes) -> str:
    """git's name for a file with this content (`git hash-object`)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def pointer(sha256: str, size: int) -> bytes:
    """The text that stands in git for a large file (git-lfs pointer, version 1)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


class Store:
    """Every change is written to a side file and renamed, so a killed server leaves the last full state."""

    def __init__(self, root: Path, *, xet_folder: Path | None = None) -> None:
        self.root = root
        self.xet_folder = xet_folder
        self._lock = threading.RLock()
        for name in ("objects", "lfs", "parts", "repositories"):
            (root / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def change(self, repo_id: str) -> Iterator[Repository]:
        """Lock the store, hand out the repository, and write it back unless the block raised."""
        with self._lock:
            repository = self.get(repo_id)
            if repository is None:
                raise KeyError(repo_id)
            yield repository
            self._save(repository)

    def get(self, repo_id: str) -> Repository | None:
        path = self._path(repo_id)
        if not path.exists():
            return None
        data = json.loads(path.read_text())
        commits = {
            oid: Commit(**{**fields, "tree": {name: Entry(*entry) for name, entry in fields["tree"].items()}})
            for oid, fields in data.pop("commits").items()
        }
        return Repository(**data, commits=commits)

    def all(self) -> list[Repository]:
        found = (
            self.get(f"{path.parent.name}/{path.stem}") for path in self.root.glob("repositories/*/*.json")
        )
        return sorted((repository for repository in found if repository), key=lambda r: r.id)

    def create(self, repo_id: str, *, private: bool, author: str) -> Repository | None:
        """A new repository with the first commit that the Hub makes by itself; None when the name is taken."""
        with self._lock:
            if self._path(repo_id).exists():
                return None
            repository = Repository(repo_id, secrets.token_hex(12), now(), private)
            tree = {".gitattributes": self.add_blob(GITATTRIBUTES)}
            repository.add_commit(branch="main", tree=tree, title="initial commit", message="", author=author)
            self._save(repository)
            return repository

    def move(self, source: str, target: str) -> bool:
        with self._lock:
            if self._path(target).exists():
                return False
            with self.change(source) as repository:
                repository.id = target
            self._path(source).unlink()
            moved = self.moved() | {source: target}
            self._write(self.root / "moved.json", moved)
            return True

    def moved(self) -> dict[str, str]:
        path = self.root / "moved.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def delete(self, repo_id: str) -> None:
        with self._lock:
            self._path(repo_id).unlink()

    def add_blob(self, content: bytes) -> Entry:
        oid = git_oid(content)
        self._write_bytes(self.root / "objects" / oid, content)
        return Entry(oid, len(content))

    def lfs_entry(self, sha256: str, size: int) -> Entry:
        return Entry(git_oid(pointer(sha256, size)), size, sha256)

    def has_lfs(self, sha256: str) -> bool:
        return (self.root / "lfs" / sha256).exists() or self._in_xet(sha256)

    def _in_xet(self, sha256: str) -> bool:
        """Whether a shard of the Xet folder names this file: the hash is stored as four swapped 64-bit words."""
        if self.xet_folder is None or len(sha256) != 64:
            return False
        raw = bytes.fromhex(sha256)
        swapped = b"".join(raw[i : i + 8][::-1] for i in range(0, 32, 8))
        shards = self.xet_folder.rglob("*.mdb")
        return any(raw in data or swapped in data for data in (shard.read_bytes() for shard in shards))

    def content(self, entry: Entry) -> Path:
        """Where the bytes of a file lie. A large file that came by Xet has no such path."""
        return self.root / ("lfs" if entry.sha256 else "objects") / (entry.sha256 or entry.oid)

    def receive_lfs(self, sha256: str, chunks: Iterator[bytes]) -> bool:
        """Keep a large file if its bytes have the promised hash; False, and nothing kept, otherwise."""
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=self.root / "parts", delete=False) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        received = Path(file.name)
        if digest.hexdigest() != sha256:
            received.unlink()
            return False
        received.replace(self.root / "lfs" / sha256)
        return True

    def part_path(self, sha256: str, number: int) -> Path:
        return self.root / "parts" / f"{sha256}.{number:05d}"

    def _path(self, repo_id: str) -> Path:
        namespace, name = repo_id.split("/")
        return self.root / "repositories" / namespace / f"{name}.json"

    def _save(self, repository: Repository) -> None:
        data = {field.name: getattr(repository, field.name) for field in dataclasses.fields(repository)}
        data["commits"] = {
            oid: {
                **{f.name: getattr(commit, f.name) for f in dataclasses.fields(commit) if f.name != "tree"},
                "tree": {name: dataclasses.astuple(entry) for name, entry in commit.tree.items()},
            }
            for oid, commit in repository.commits.items()
        }
        self._write(self._path(repository.id), data)

    def _write(self, path: Path, data: object) -> None:
        self._write_bytes(path, json.dumps(data, indent=1).encode())

    def _write_bytes(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
