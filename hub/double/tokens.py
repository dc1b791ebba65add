"""Who may do what at the double: a JSON file that is read at every request, so that an edit counts at once."""

import dataclasses
import json
import os
import secrets
from pathlib import Path

WRITE, READ, REVOKED = "write", "read", "revoked"


@dataclasses.dataclass(frozen=True, slots=True)
class Bearer:
    """The account behind a token. A token may write in its own `namespaces` only."""

    user: str
    name: str
    role: str
    namespaces: tuple[str, ...]

    def may_write(self, repo_id: str) -> bool:
        return self.role == WRITE and repo_id.split("/")[0] in self.namespaces


class Tokens:
    """`tokens.json` maps each token to {user, name, role: write|read|revoked, namespaces}."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, token: str, *, user: str, role: str, namespaces: tuple[str, ...], name: str = "") -> None:
        table = self._read()
        table[token] = {"user": user, "name": name or user, "role": role, "namespaces": list(namespaces)}
        self._write(table)

    def revoke(self, token: str) -> None:
        table = self._read()
        if token in table:
            table[token]["role"] = REVOKED
            self._write(table)

    def bearer(self, authorization: str | None) -> Bearer | None:
        """The account of an `Authorization` header; None without a header. Raises KeyError for a bad token."""
        if not authorization:
            return None
        entry = self._read()[authorization.removeprefix("Bearer ").strip()]
        if entry["role"] == REVOKED:
            raise KeyError("revoked")
        return Bearer(entry["user"], entry["name"], entry["role"], tuple(entry["namespaces"]))

    def ensure_demo(self, token_file: Path, *, user: str, namespace: str) -> None:
        """Make one writing token on the first start and leave it in a file that only the owner can read."""
        if token_file.exists() and self.path.exists():
            return
        token = "hf_" + secrets.token_urlsafe(24)
        self.add(token, user=user, role=WRITE, namespaces=(user, namespace), name="demo")
        token_file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(token + "\n")

    def _read(self) -> dict:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def _write(self, table: dict) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(table, file, indent=2)
        partial.replace(self.path)
