"""Contents of a repository: what to upload how, the commit, the tree, the history and the files themselves."""

import base64
import binascii
import dataclasses
import json
import mimetypes

import yaml

from hub.double import access
from hub.double.http import Answer, HubFault, Request
from hub.double.routing import REPO, route
from hub.double.store import LFS_SUFFIXES, Entry, Repository

REGULAR_LIMIT = 10 * 1024 * 1024
REVISION = r"(?P<revision>[^/]+)"


def preupload(double, request: Request, repo: str, revision: str) -> Answer:
    """How each file is to be sent, and its present oid: SHA-256 of a large file, git's SHA-1 of a regular one."""
    repository = access.writable(double, request, repo)
    commit = access.at(repository, revision)
    files = request.json()["files"]
    if len(files) > 256:
        raise HubFault(400, "Too many files in one request (maximum 256)")
    described = []
    for file in files:
        sample = base64.b64decode(file["sample"])
        is_large = file["path"].endswith(LFS_SUFFIXES) or file["size"] > REGULAR_LIMIT or b"\0" in sample
        item = {
            "path": file["path"],
            "uploadMode": "lfs" if is_large else "regular",
            "shouldIgnore": False,
        }
        if entry := commit.tree.get(file["path"]):
            item["oid"] = entry.sha256 or entry.oid
        described.append(item)
    return Answer(data={"commitOid": commit.id, "files": described})


def create_commit(double, request: Request, repo: str, revision: str) -> Answer:
    bearer = request.require_account()
    access.writable(double, request, repo)
    header, operations = _parse_commit(request.body())
    with double.store.change(repo) as repository:
        if revision not in repository.branches:
            raise HubFault(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
        head = repository.branches[revision]
        parent = header.get("parentCommit")
        if parent and not (len(parent) >= 5 and head.startswith(parent)):
            raise HubFault(412, "A commit has happened since. Please refresh and try again.")
        tree = dict(repository.commits[head].tree)
        for key, value in operations:
            _apply(double, tree, key, value)
        commit = repository.add_commit(
            branch=revision,
            tree=tree,
            title=header["summary"],
            message=header.get("description", ""),
            author=bearer.user,
        )
    return Answer(
        data={
            "success": True,
            "commitOid": commit.id,
            "commitUrl": f"{request.origin}/{repo}/commit/{commit.id}",
            "hookOutput": "",
        }
    )


def _parse_commit(body: bytes) -> tuple[dict, list[tuple[str, dict]]]:
    try:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        pairs = [(line["key"], line["value"]) for line in lines]
    except (ValueError, KeyError, TypeError):
        raise HubFault(400, "Invalid ndjson body") from None
    if not pairs or pairs[0][0] != "header" or not pairs[0][1].get("summary"):
        raise HubFault(400, "The first line must be a header with a summary")
    return pairs[0][1], pairs[1:]


def _apply(double, tree: dict[str, Entry], key: str, value: dict) -> None:
    path = value["path"]
    if not path or path.startswith("/") or ".." in path.split("/") or ".git" in path.split("/"):
        raise HubFault(400, f"Invalid path: {path}")
    match key:
        case "file":
            try:
                content = base64.b64decode(value["content"], validate=True)
            except binascii.Error:
                raise HubFault(400, f"Invalid content of {path}") from None
            if len(content) > REGULAR_LIMIT:
                raise HubFault(400, "Your push was rejected because it contains files larger than 10 MiB.")
            tree[path] = double.store.add_blob(content)
        case "lfsFile":
            if not double.store.has_lfs(value["oid"]):
                raise HubFault(
                    400,
                    "Your push was rejected because an LFS pointer pointed to a file that does not exist. "
                    f"Offending file: {path}",
                )
            tree[path] = double.store.lfs_entry(value["oid"], value["size"])
        case "deletedFile":
            if tree.pop(path, None) is None:
                raise HubFault(404, f"A file with this name doesn't exist: {path}", code="EntryNotFound")
        case "deletedFolder":
            inside = [name for name in tree if name.startswith(path.rstrip("/") + "/")]
            if not inside:
                raise HubFault(404, f"A folder with this name doesn't exist: {path}", code="EntryNotFound")
            for name in inside:
                del tree[name]
        case _:
            raise HubFault(400, f"Unknown operation: {key}")


def validate_yaml(double, request: Request) -> Answer:
    """Check the metadata between the first two `---` lines of a model card."""
    content = request.json().get("content", "")
    front, problem = _front_matter(content)
    if problem:
        return Answer(400, {"errors": [{"message": problem}], "warnings": []})
    warnings = [] if front else [{"message": "empty or missing yaml metadata in repo card"}]
    return Answer(data={"errors": [], "warnings": warnings})


def _front_matter(content: str) -> tuple[dict, str]:
    if not content.startswith("---\n"):
        return {}, ""
    text, end, _ = content[4:].partition("\n---")
    if not end:
        return {}, "The YAML metadata is not closed"
    try:
        front = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        return {}, f"Invalid YAML: {error}"
    if not isinstance(front, dict):
        return {}, "The YAML metadata must be a mapping"
    if "license" in front and not isinstance(front["license"], str | list):
        return {}, '"license" must be a string'
    for entry in front.get("model-index") or []:
        if not isinstance(entry, dict) or not entry.get("name") or "results" not in entry:
            return {}, '"model-index" needs a name and results'
    return front, ""


def card_data(double, repository: Repository, tree: dict[str, Entry]) -> dict | None:
    entry = tree.get("README.md")
    if entry is None or entry.sha256:
        return None
    return _front_matter(double.store.content(entry).read_text(errors="replace"))[0] or None


def tree(double, request: Request, repo: str, revision: str, folder: str | None = None) -> Answer:
    repository = access.readable(double, request, repo)
    commit = access.at(repository, revision)
    prefix = f"{folder.strip('/')}/" if folder and folder.strip("/") else ""
    recursive = request.query.get("recursive", ["false"])[0].lower() == "true"
    items: dict[str, dict] = {}
    for path, entry in sorted(commit.tree.items()):
        if not path.startswith(prefix):
            continue
        steps = path.removeprefix(prefix).split("/")
        for depth in range(1, len(steps)):
            if recursive or depth == 1:
                name = prefix + "/".join(steps[:depth])
                items.setdefault(name, {"type": "directory", "oid": commit.id, "size": 0, "path": name})
        if recursive or len(steps) == 1:
            items[path] = _tree_item(path, entry)
    if prefix and not items:
        raise HubFault(404, f"{folder} does not exist on {revision}", code="EntryNotFound")
    return Answer(data=list(items.values()))


def _tree_item(path: str, entry: Entry) -> dict:
    item: dict = {"type": "file", "oid": entry.oid, "size": entry.size, "path": path}
    if entry.sha256:
        item["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": entry.pointer_size}
    return item


def commits(double, request: Request, repo: str, revision: str) -> Answer:
    repository = access.readable(double, request, repo)
    start = access.at(repository, revision)
    return Answer(
        data=[
            {
                "id": commit.id,
                "title": commit.title,
                "message": commit.message,
                "authors": [{"user": commit.author}],
                "date": commit.date,
            }
            for commit in repository.history(start)
        ]
    )


def resolve(double, request: Request, repo: str, revision: str, path: str) -> Answer:
    repository = access.readable(double, request, repo)
    commit = access.at(repository, revision)
    known = {"X-Repo-Commit": commit.id}
    entry = commit.tree.get(path)
    if entry is None:
        raise HubFault(404, "Entry not found", code="EntryNotFound", headers=known)
    if entry.sha256:
        linked = {
            "X-Linked-Etag": f'"{entry.sha256}"',
            "X-Linked-Size": str(entry.size),
            "ETag": f'"{entry.oid}"',
            "Location": f"{request.origin}/_lfs/{repo}/{commit.id}/{path}",
        }
        return Answer(302, headers=known | linked, content_type="text/plain")
    return _file(double, path, entry, known | {"ETag": f'"{entry.oid}"'})


def large_file(double, request: Request, repo: str, revision: str, path: str) -> Answer:
    commit = access.at(access.readable(double, request, repo), revision)
    entry = commit.tree.get(path)
    if entry is None or not double.store.content(entry).exists():
        raise HubFault(404, "Entry not found", code="EntryNotFound")
    return _file(double, path, entry, {"ETag": f'"{entry.sha256}"'})


def _file(double, path: str, entry: Entry, headers: dict[str, str]) -> Answer:
    """Text is always sent as plain text: what people upload must never run in a reader's browser."""
    guess, _ = mimetypes.guess_type(path)
    is_text = (guess or "").startswith("text/") or path.endswith(
        (".md", ".json", ".yaml", ".yml", ".gitattributes")
    )
    content_type = "text/plain; charset=utf-8" if is_text else "application/octet-stream"
    body = double.store.content(entry)
    return Answer(
        body=body, headers=headers | {"X-Content-Type-Options": "nosniff"}, content_type=content_type
    )


def siblings(commit_tree: dict[str, Entry], *, blobs: bool) -> list[dict]:
    listed = []
    for path, entry in sorted(commit_tree.items()):
        item: dict = {"rfilename": path}
        if blobs:
            item |= {"size": entry.size, "blobId": entry.oid}
            if entry.sha256:
                item["lfs"] = {"sha256": entry.sha256, "size": entry.size, "pointerSize": entry.pointer_size}
        listed.append(item)
    return listed


def used_storage(repository: Repository) -> int:
    """Bytes of all versions of all files, each content counted once, as the Hub bills them."""
    seen = {
        dataclasses.astuple(entry) for commit in repository.commits.values() for entry in commit.tree.values()
    }
    return sum(size for _, size, _ in seen)


ROUTES = (
    route("validate_yaml", "POST", "/api/validate-yaml", validate_yaml),
    route("preupload", "POST", rf"/api/models/{REPO}/preupload/{REVISION}", preupload),
    route("commit", "POST", rf"/api/models/{REPO}/commit/{REVISION}", create_commit),
    route("tree", "GET", rf"/api/models/{REPO}/tree/{REVISION}(?:/(?P<folder>.+))?", tree),
    route("commits", "GET", rf"/api/models/{REPO}/commits/{REVISION}", commits),
    route("resolve", "GET|HEAD", rf"/{REPO}/resolve/{REVISION}/(?P<path>.+)", resolve, is_page=True),
    route("large_file", "GET|HEAD", rf"/_lfs/{REPO}/{REVISION}/(?P<path>.+)", large_file, is_page=True),
)
