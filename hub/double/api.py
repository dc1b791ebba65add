"""Accounts, repositories, refs, settings and lists."""

import re
import secrets

from hub.double import access, content
from hub.double.http import Answer, HubFault, Request
from hub.double.routing import NAME, REPO, route
from hub.double.store import Repository

VISIBILITIES = ("private", "public")
REF_NAME = r"(?P<name>[\w.\-]+)"


def whoami(double, request: Request) -> Answer:
    bearer = request.require_account()
    organisations = [name for name in bearer.namespaces if name != bearer.user]
    return Answer(
        data={
            "type": "user",
            "id": bearer.user,
            "name": bearer.user,
            "fullname": bearer.user,
            "orgs": [{"type": "org", "name": name, "roleInOrg": bearer.role} for name in organisations],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": bearer.name, "role": bearer.role},
            },
        }
    )


def create(double, request: Request) -> Answer:
    bearer = request.require_account()
    data = request.json()
    repo_id = f"{data.get('organization') or bearer.user}/{data.get('name')}"
    if not re.fullmatch(rf"{NAME}/{NAME}", repo_id) or data.get("type", "model") != "model":
        raise HubFault(400, f"Invalid repo name: {repo_id}")
    if not bearer.may_write(repo_id):
        raise HubFault(
            403, f"You don't have the rights to create a model under the namespace {repo_id.split('/')[0]!r}"
        )
    visibility = data.get("visibility", "private" if data.get("private") else "public")
    if visibility not in VISIBILITIES:
        raise HubFault(400, f"Invalid visibility: {visibility}")
    url = f"{request.origin}/{repo_id}"
    repository = double.store.create(repo_id, private=visibility == "private", author=bearer.user)
    if repository is None:
        raise HubFault(409, f"You already created this model repo: {repo_id}", url=url)
    return Answer(data={"url": url, "name": repo_id, "id": repository.internal_id})


def auth_check(double, request: Request, repo: str, write: str | None = None) -> Answer:
    access.writable(double, request, repo) if write else access.readable(double, request, repo)
    return Answer(data={})


def info(double, request: Request, repo: str, revision: str = "main") -> Answer:
    repository = access.readable(double, request, repo)
    commit = access.at(repository, revision)
    blobs = request.query.get("blobs", ["false"])[0].lower() == "true"
    return Answer(data=_described(double, repository, commit.id, blobs=blobs))


def _described(double, repository: Repository, sha: str, *, blobs: bool) -> dict:
    commit = repository.commits[sha]
    card = content.card_data(double, repository, commit.tree)
    described = {
        "_id": repository.internal_id,
        "id": repository.id,
        "modelId": repository.id,
        "author": repository.id.split("/")[0],
        "sha": sha,
        "lastModified": commit.date,
        "createdAt": repository.created_at,
        "private": repository.private,
        "gated": repository.gated,
        "disabled": repository.disabled,
        "downloads": 0,
        "likes": 0,
        "tags": [f"license:{card['license']}"] if card and isinstance(card.get("license"), str) else [],
        "siblings": content.siblings(commit.tree, blobs=blobs),
        "usedStorage": content.used_storage(repository),
    }
    if card:
        described["cardData"] = card
    return described


def list_models(double, request: Request) -> Answer:
    author = request.query.get("author", [""])[0]
    seen = [
        repository
        for repository in double.store.all()
        if (not author or repository.id.split("/")[0] == author)
        and (
            not repository.private
            or (request.bearer is not None and repository.id.split("/")[0] in request.bearer.namespaces)
        )
    ]
    return Answer(data=[_described(double, repository, repository.head, blobs=False) for repository in seen])


def refs(double, request: Request, repo: str) -> Answer:
    repository = access.readable(double, request, repo)

    def listed(kind: str, table: dict[str, str]) -> list[dict]:
        return [
            {"name": n, "ref": f"refs/{kind}/{n}", "targetCommit": oid} for n, oid in sorted(table.items())
        ]

    return Answer(
        data={
            "branches": listed("heads", repository.branches),
            "converts": [],
            "tags": listed("tags", repository.tags),
            "pullRequests": [],
        }
    )


def create_tag(double, request: Request, repo: str, name: str) -> Answer:
    access.writable(double, request, repo)
    data = request.json()
    with double.store.change(repo) as repository:
        commit = access.at(repository, name)
        if data["tag"] in repository.tags:
            raise HubFault(409, f"Tag reference exists already: {data['tag']}")
        repository.tags[data["tag"]] = commit.id
    return Answer(data={})


def delete_tag(double, request: Request, repo: str, name: str) -> Answer:
    access.writable(double, request, repo)
    with double.store.change(repo) as repository:
        if repository.tags.pop(name, None) is None:
            raise HubFault(404, f"Invalid rev id: {name}", code="RevisionNotFound")
    return Answer(data={})


def create_branch(double, request: Request, repo: str, name: str) -> Answer:
    access.writable(double, request, repo)
    start = request.json().get("startingPoint", "main")
    with double.store.change(repo) as repository:
        if name in repository.branches:
            raise HubFault(409, f"Reference already exists: {name}")
        repository.branches[name] = access.at(repository, start).id
    return Answer(data={})


def delete_branch(double, request: Request, repo: str, name: str) -> Answer:
    access.writable(double, request, repo)
    with double.store.change(repo) as repository:
        if name == "main" or repository.branches.pop(name, None) is None:
            raise HubFault(404, f"Invalid rev id: {name}", code="RevisionNotFound")
    return Answer(data={})


def settings(double, request: Request, repo: str) -> Answer:
    access.writable(double, request, repo)
    data = request.json()
    with double.store.change(repo) as repository:
        if "visibility" in data:
            if data["visibility"] not in VISIBILITIES:
                raise HubFault(400, f"Invalid visibility: {data['visibility']}")
            repository.private = data["visibility"] == "private"
        if "gated" in data:
            if data["gated"] not in ("auto", "manual", False):
                raise HubFault(400, f"Invalid gated status: {data['gated']}")
            repository.gated = data["gated"]
        return Answer(data={"private": repository.private, "gated": repository.gated})


def move(double, request: Request) -> Answer:
    data = request.json()
    source, target = data["fromRepo"], data["toRepo"]
    bearer = request.require_account()
    access.writable(double, request, source)
    if not bearer.may_write(target):
        raise HubFault(403, f"You don't have the rights to create a model under {target!r}")
    if not double.store.move(source, target):
        raise HubFault(400, f"A model repository called {target} already exists")
    return Answer(data={"url": f"{request.origin}/{target}"})


def delete(double, request: Request) -> Answer:
    bearer = request.require_account()
    data = request.json()
    repo_id = f"{data.get('organization') or bearer.user}/{data['name']}"
    access.writable(double, request, repo_id)
    double.store.delete(repo_id)
    return Answer(data={})


def discussions(double, request: Request, repo: str) -> Answer:
    access.readable(double, request, repo)
    return Answer(data={"discussions": [], "count": 0, "start": 0})


def create_collection(double, request: Request) -> Answer:
    bearer = request.require_account()
    data = request.json()
    if data["namespace"] not in bearer.namespaces:
        raise HubFault(403, "You don't have the rights to create a collection here")
    slug = f"{data['namespace']}/{re.sub(r'[^a-z0-9]+', '-', data['title'].lower())}-{secrets.token_hex(12)}"
    return Answer(data={**data, "slug": slug, "items": [], "owner": {"name": data["namespace"]}})


def create_webhook(double, request: Request) -> Answer:
    request.require_account()
    data = request.json()
    return Answer(
        data={
            "webhook": {
                "id": secrets.token_hex(12),
                "url": data.get("url"),
                "watched": data.get("watched", []),
                "domains": data.get("domains", []),
                "secret": data.get("secret"),
                "disabled": False,
            }
        }
    )


ROUTES = (
    *content.ROUTES,
    route("whoami", "GET", "/api/whoami-v2", whoami),
    route("create", "POST", "/api/repos/create", create),
    route("move", "POST", "/api/repos/move", move),
    route("delete", "DELETE", "/api/repos/delete", delete),
    route("list", "GET", "/api/models", list_models),
    route("auth_check", "GET", rf"/api/models/{REPO}/auth-check(?P<write>/write)?", auth_check),
    route("refs", "GET", rf"/api/models/{REPO}/refs", refs),
    route("tag_create", "POST", rf"/api/models/{REPO}/tag/{REF_NAME}", create_tag),
    route("tag_delete", "DELETE", rf"/api/models/{REPO}/tag/{REF_NAME}", delete_tag),
    route("branch_create", "POST", rf"/api/models/{REPO}/branch/{REF_NAME}", create_branch),
    route("branch_delete", "DELETE", rf"/api/models/{REPO}/branch/{REF_NAME}", delete_branch),
    route("settings", "PUT", rf"/api/models/{REPO}/settings", settings),
    route("discussions", "GET", rf"/api/models/{REPO}/discussions", discussions),
    route("info", "GET", rf"/api/models/{REPO}", info),
    route("info", "GET", rf"/api/models/{REPO}/revision/(?P<revision>[^/]+)", info),
    route("collections", "POST", "/api/collections", create_collection),
    route("webhooks", "POST", "/api/settings/webhooks", create_webhook),
)
