"""Large files: the git-lfs batch interface with single and multipart uploads, and the Xet token."""

import hashlib
import hmac
import math
import secrets
import time

from hub.double.http import Answer, HubFault, Request
from hub.double.routing import REPO, SHA256, route

LFS_JSON = "application/vnd.git-lfs+json"
PART_SIZE = 5 * 1024 * 1024
# Upload links carry their own proof, because the client sends no Authorization header with them. The key
# lives as long as the process: a link from before a restart has expired.
LINK_KEY = secrets.token_bytes(32)


def batch(double, request: Request, repo: str) -> Answer:
    bearer = request.require_account()
    data = request.json()
    if double.store.get(repo) is None:
        raise HubFault(404, "Repository not found", code="RepoNotFound")
    if not bearer.may_write(repo):
        raise HubFault(403, f"You don't have the rights to write to {repo}.")
    multipart = double.multipart_from if "multipart" in data.get("transfers", ()) else None
    transfer, objects = "basic", []
    for item in data["objects"]:
        oid, size = item["oid"], item["size"]
        described = {"oid": oid, "size": size}
        if not double.store.has_lfs(oid):
            upload: dict = {"href": _link(request.origin, "upload", oid)}
            if multipart is not None and size >= multipart:
                transfer = "multipart"
                count = math.ceil(size / PART_SIZE)
                links = {f"{n:05d}": _link(request.origin, f"part/{n}", oid) for n in range(1, count + 1)}
                upload = {
                    "href": _link(request.origin, "complete", oid),
                    "header": {"chunk_size": str(PART_SIZE), **links},
                }
            described["actions"] = {
                "upload": upload,
                "verify": {"href": _link(request.origin, "verify", oid)},
            }
        objects.append(described)
    return Answer(data={"transfer": transfer, "objects": objects}, content_type=LFS_JSON)


def put(double, request: Request, oid: str) -> Answer:
    _check_link(request, "upload", oid)
    if not double.store.receive_lfs(oid, request.chunks()):
        raise HubFault(400, "The content does not match the promised SHA-256.")
    return Answer(headers={"ETag": f'"{oid}"'})


def put_part(double, request: Request, oid: str, number: str) -> Answer:
    _check_link(request, f"part/{int(number)}", oid)
    content = request.body()
    double.store.part_path(oid, int(number)).write_bytes(content)
    etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return Answer(headers={"ETag": f'"{etag}"'})


def complete(double, request: Request, oid: str) -> Answer:
    _check_link(request, "complete", oid)
    parts = [double.store.part_path(oid, part["partNumber"]) for part in request.json()["parts"]]
    if not all(part.exists() for part in parts):
        raise HubFault(400, "A part is missing.")
    if not double.store.receive_lfs(oid, (part.read_bytes() for part in parts)):
        raise HubFault(400, "The content does not match the promised SHA-256.")
    for part in parts:
        part.unlink()
    return Answer(data={"oid": oid}, content_type=LFS_JSON)


def verify(double, request: Request, oid: str) -> Answer:
    data = request.json()
    if data.get("oid") != oid or not double.store.has_lfs(oid):
        raise HubFault(404, "Object does not exist")
    if double.store.content(double.store.lfs_entry(oid, data["size"])).stat().st_size != data["size"]:
        raise HubFault(400, "The size does not match.")
    return Answer(data={"oid": oid, "size": data["size"]}, content_type=LFS_JSON)


def xet_token(double, request: Request, repo: str, access: str, revision: str) -> Answer:
    """A token for a Xet store that is a folder on this machine: the real client chunks and dedupes into it."""
    bearer = request.require_account()
    if double.store.xet_folder is None:
        raise HubFault(404, "This server has no Xet storage.")
    if access == "write" and not bearer.may_write(repo):
        raise HubFault(403, f"You don't have the rights to write to {repo}.")
    url, expires, token = (
        f"local://{double.store.xet_folder}",
        int(time.time()) + 3600,
        "xet_" + secrets.token_hex(8),
    )
    headers = {
        "X-Xet-Cas-Url": url,
        "X-Xet-Access-Token": token,
        "X-Xet-Token-Expiration": str(expires),
    }
    return Answer(data={"casUrl": url, "accessToken": token, "exp": expires}, headers=headers)


def _signature(action: str, oid: str) -> str:
    return hmac.new(LINK_KEY, f"{action}:{oid}".encode(), hashlib.sha256).hexdigest()


def _link(origin: str, action: str, oid: str) -> str:
    return f"{origin}/_lfs/{oid}/{action}?signature={_signature(action, oid)}"


def _check_link(request: Request, action: str, oid: str) -> None:
    given = request.query.get("signature", [""])[0]
    if not hmac.compare_digest(given, _signature(action, oid)):
        raise HubFault(403, "Request has expired")


ROUTES = (
    route("lfs_batch", "POST", rf"/{REPO}\.git/info/lfs/objects/batch", batch),
    route("lfs_put", "PUT", rf"/_lfs/{SHA256}/upload", put),
    route("lfs_part", "PUT", rf"/_lfs/{SHA256}/part/(?P<number>\d+)", put_part),
    route("lfs_complete", "POST", rf"/_lfs/{SHA256}/complete", complete),
    route("lfs_verify", "POST", rf"/_lfs/{SHA256}/verify", verify),
    route(
        "xet_token",
        "GET",
        rf"/api/models/{REPO}/xet-(?P<access>read|write)-token/(?P<revision>.+)",
        xet_token,
    ),
)
