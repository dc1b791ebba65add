"""What lies on the Hub and what should lie there, as plain values."""

import dataclasses

# The Hub writes this file by itself when large files arrive; it is neither compared nor deleted.
MANAGED_BY_HUB = frozenset({".gitattributes"})


@dataclasses.dataclass(frozen=True, slots=True)
class TreeFile:
    """A file by content. Large files are known by SHA-256 on the Hub, others by git's own id: keep both."""

    size: int
    sha256: str
    git_oid: str


@dataclasses.dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the Hub names it; `sha256` is set for large files only, `git_oid` is then the pointer's."""

    size: int
    git_oid: str
    sha256: str = ""

    def is_same(self, file: TreeFile) -> bool:
        if self.sha256:
            return (self.size, self.sha256) == (file.size, file.sha256)
        return (self.size, self.git_oid) == (file.size, file.git_oid)

    @property
    def content_id(self) -> str:
        return self.sha256 or self.git_oid


@dataclasses.dataclass(frozen=True, slots=True)
class RemoteState:
    """A repository as it was found. `repo_id` is the Hub's own name for it: it differs after a renaming."""

    repo_id: str
    exists: bool
    internal_id: str = ""
    head: str = ""
    private: bool = True
    gated: str = ""
    disabled: bool = False
    used_storage: int = 0
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    files: dict[str, RemoteFile] = dataclasses.field(default_factory=dict)

    @classmethod
    def missing(cls, repo_id: str) -> "RemoteState":
        return cls(repo_id, exists=False)

    @property
    def is_empty(self) -> bool:
        """Nothing in it but what the Hub puts there when a repository is born."""
        return not self.files.keys() - MANAGED_BY_HUB
