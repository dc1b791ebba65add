"""One readable page per repository, so that a person can open what was published."""

from html import escape
from urllib.parse import quote

from hub.double import access
from hub.double.http import Answer, HubFault, Request
from hub.double.routing import NAME, REPO, route
from hub.double.store import Commit, Repository

NOTICE = "Hub double for demo and tests. Nothing here has left this machine."
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}"
    ".notice{background:#fff3cd;border-left:.3rem solid #b58100;padding:.5rem 1rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;padding:1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc;"
    "overflow-wrap:anywhere}"
)
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def home(double, request: Request) -> Answer:
    rows = "".join(
        f'<li><a href="/{escape(r.id)}">{escape(r.id)}</a></li>' for r in double.store.all() if not r.private
    )
    return _page("Public models", f"<ul>{rows or '<li>No public model yet.</li>'}</ul>")


def namespace(double, request: Request, name: str) -> Answer:
    found = [r for r in double.store.all() if not r.private and r.id.split("/")[0] == name]
    if not found:
        raise HubFault(404, "Not found")
    return _page(name, "<ul>" + "".join(f'<li><a href="/{r.id}">{r.id}</a></li>' for r in found) + "</ul>")


def repository_page(double, request: Request, repo: str, revision: str = "main") -> Answer:
    try:
        repository = access.readable(double, request, repo)
        commit = access.at(repository, revision)
    except HubFault:
        return _page("Not found", "<p>There is no public model with this name.</p>", status=404)
    return _page(repo, _summary(repository, commit) + _files(repo, commit) + _card(double, commit))


def _summary(repository: Repository, commit: Commit) -> str:
    tags = ", ".join(sorted(name for name, oid in repository.tags.items() if oid == commit.id)) or "none"
    visibility = "private" if repository.private else "public"
    return (
        f"<p>{visibility} · commit <code>{commit.id}</code> · tags: {escape(tags)}<br>"
        f"{escape(commit.title)} · {escape(commit.author)} · {escape(commit.date)}</p>"
    )


def _files(repo: str, commit: Commit) -> str:
    rows = "".join(
        f'<tr><td><a href="/{repo}/resolve/{commit.id}/{quote(path)}">{escape(path)}</a></td>'
        f"<td>{entry.size:,} bytes</td><td><code>{entry.sha256[:16] or entry.oid[:16]}</code></td></tr>"
        for path, entry in sorted(commit.tree.items())
    )
    head = '<tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">Hash</th></tr>'
    return f"<h2>Files</h2><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _card(double, commit: Commit) -> str:
    entry = commit.tree.get("README.md")
    if entry is None:
        return "<h2>Model card</h2><p>There is no model card.</p>"
    text = double.store.content(entry).read_text(errors="replace")
    return f"<h2>Model card</h2><pre>{escape(text)}</pre>"


def _page(title: str, body: str, *, status: int = 200) -> Answer:
    answer = Answer.html(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} – Hub double</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><p class="notice">{NOTICE}</p><main><h1>{escape(title)}</h1>{body}</main></body></html>',
        status=status,
    )
    answer.headers = {"Content-Security-Policy": CONTENT_POLICY, "X-Content-Type-Options": "nosniff"}
    return answer


ROUTES = (
    route("page_home", "GET|HEAD", "/", home, is_page=True),
    route("page_namespace", "GET|HEAD", rf"/(?P<name>{NAME})", namespace, is_page=True),
    route("page_repository", "GET|HEAD", rf"/{REPO}", repository_page, is_page=True),
    route(
        "page_revision",
        "GET|HEAD",
        rf"/{REPO}/(?:commit|tree)/(?P<revision>[^/]+)",
        repository_page,
        is_page=True,
    ),
)
