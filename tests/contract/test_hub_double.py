"""The double against the recorded shapes of the Hub's interface: status, headers and keys of each answer."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import huggingface_hub
import pytest

from hub.double import HubDouble
from hub.double.faults import Kind
from hub.double.store import git_oid, pointer
from tests.hub.doubles import CANARY, FOREIGNER, READER, REPO, running_double
from tests.hub.publishing import Publisher

MODEL = f"/api/models/{REPO}"


class Wire:
    """Plain requests, as the Hub sees them."""

    def __init__(self, double: HubDouble, token: str | None = CANARY) -> None:
        import ssl

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        context = ssl.create_default_context(cafile=str(double.ca_file))
        self.http = httpx2.Client(base_url=double.endpoint, headers=headers, verify=context)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def __call__(self, method, path, data=None, **options):
        return self.http.request(method, path, json=data, **options)


@pytest.fixture
def wire(double):
    with Wire(double) as wire:
        yield wire


@pytest.fixture
def published(hub):
    return Publisher(hub, {"weights.bin": b"\0" * 64}).publish().oid


def commit(wire, *operations, parent=None, revision="main"):
    header = {"summary": "s", "description": "d"} | ({"parentCommit": parent} if parent else {})
    lines = [{"key": "header", "value": header}, *operations]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    return wire.http.post(
        f"{MODEL}/commit/{revision}", content=body, headers={"Content-Type": "application/x-ndjson"}
    )


def file(path="a.txt", content=b"a"):
    value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
    return {"key": "file", "value": value}


def error_of(answer):
    return answer.status_code, answer.headers.get("X-Error-Code"), answer.json()["error"]


def test_every_answer_carries_request_id_and_rate_limit(wire):
    for answer in (wire("GET", "/api/whoami-v2"), wire("GET", "/api/models/x/y")):
        assert answer.headers["X-Request-Id"]
        assert answer.headers["RateLimit"].startswith('"api";r=')
        assert answer.headers["RateLimit-Policy"] == '"fixed window";"api";q=1000;w=300'


@pytest.mark.parametrize("token", [None, "hf_unknown"])
def test_a_bad_token_is_401_without_error_code_whatever_exists(double, hub, published, token):
    hub.change_settings(REPO, private=True)
    with Wire(double, token) as stranger:
        for path in ("/api/whoami-v2", MODEL, "/api/models/cesai-demo/nothing"):
            answer = stranger("GET", path)
            assert error_of(answer) == (401, None, "Invalid username or password.")
            assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Authentication required"')
            assert answer.headers["X-Error-Message"] == "Invalid username or password."


def test_row_1_whoami(wire):
    data = wire("GET", "/api/whoami-v2").json()
    assert (data["type"], data["name"]) == ("user", "portal")
    assert data["orgs"][0].keys() >= {"name", "roleInOrg"}
    assert data["auth"]["accessToken"].keys() >= {"displayName", "role"}


def test_row_2_create(wire, double):
    body = {"name": "werkstatt", "organization": "cesai-demo", "visibility": "private"}
    assert wire("POST", "/api/repos/create", body).json()["url"] == f"{double.endpoint}/{REPO}"
    again = wire("POST", "/api/repos/create", body)
    assert again.status_code == 409
    assert again.json()["error"] == f"You already created this model repo: {REPO}"
    assert again.json()["url"] == f"{double.endpoint}/{REPO}"
    assert wire("POST", "/api/repos/create", body | {"organization": "elsewhere"}).status_code == 403


def test_row_3_auth_check(wire, double, published):
    assert wire("GET", f"{MODEL}/auth-check").status_code == 200
    assert wire("GET", f"{MODEL}/auth-check/write").status_code == 200
    with Wire(double, READER) as reader:
        assert reader("GET", f"{MODEL}/auth-check").status_code == 200
        assert reader("GET", f"{MODEL}/auth-check/write").status_code == 403
    with Wire(double, None) as stranger:
        assert stranger("GET", f"{MODEL}/auth-check/write").status_code == 401


def test_row_4_validate_yaml(wire):
    good = wire("POST", "/api/validate-yaml", {"content": "---\nlicense: mit\n---\n", "repoType": "model"})
    assert good.json() == {"errors": [], "warnings": []}
    bad = wire("POST", "/api/validate-yaml", {"content": "---\na: [\n---\n", "repoType": "model"})
    assert bad.status_code == 400
    assert bad.json()["errors"][0]["message"]


def test_row_5_preupload_names_the_present_oid_of_existing_files_only(wire, published):
    sample = base64.b64encode(b"x").decode()
    files = [
        {"path": path, "sample": sample, "size": 1} for path in ("config.json", "weights.bin", "new.txt")
    ]
    answer = wire("POST", f"{MODEL}/preupload/main", {"files": files}).json()
    assert answer["commitOid"] == published
    described = {item["path"]: item for item in answer["files"]}
    assert described["config.json"]["oid"] == git_oid(b'{"order": 3}\n')
    assert described["weights.bin"]["oid"] == hashlib.sha256(b"\0" * 64).hexdigest()
    assert described["new.txt"] == {"path": "new.txt", "uploadMode": "regular", "shouldIgnore": False}
    assert described["weights.bin"]["uploadMode"] == "lfs"
    many = wire("POST", f"{MODEL}/preupload/main", {"files": files * 100})
    assert many.status_code == 400


def test_row_7_lfs_batch_gives_no_action_for_what_is_there(wire, published):
    present = {"oid": hashlib.sha256(b"\0" * 64).hexdigest(), "size": 64}
    absent = {"oid": hashlib.sha256(b"new").hexdigest(), "size": 3}
    body = {"operation": "upload", "transfers": ["basic", "multipart"], "objects": [present, absent]}
    answer = wire("POST", f"/{REPO}.git/info/lfs/objects/batch", body)
    assert answer.headers["Content-Type"] == "application/vnd.git-lfs+json"
    first, second = answer.json()["objects"]
    assert first == present
    assert second["actions"].keys() == {"upload", "verify"}
    wrong = httpx2.Client(verify=False)
    with wrong:
        assert wrong.put(second["actions"]["upload"]["href"], content=b"not it").status_code == 400
        assert wrong.put(second["actions"]["upload"]["href"], content=b"new").status_code == 200
    assert wire("POST", second["actions"]["verify"]["href"], absent).status_code == 200


def test_row_8_commit(wire, published):
    answer = commit(wire, file(), parent=published)
    assert answer.json().keys() == {"success", "commitOid", "commitUrl", "hookOutput"}
    assert len(answer.json()["commitOid"]) == 40
    stale = commit(wire, file(), parent=published)
    assert error_of(stale) == (412, None, "A commit has happened since. Please refresh and try again.")
    lost = {"key": "lfsFile", "value": {"path": "w.bin", "algo": "sha256", "oid": "0" * 64, "size": 1}}
    status, _, text = error_of(commit(wire, lost))
    assert status == 400
    assert text.startswith(
        "Your push was rejected because an LFS pointer pointed to a file that does not exist"
    )
    gone = {"key": "deletedFile", "value": {"path": "nothing.txt"}}
    assert error_of(commit(wire, gone))[:2] == (404, "EntryNotFound")
    assert error_of(commit(wire, file(), revision="nobranch"))[:2] == (404, "RevisionNotFound")


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", ".git/config", ""])
def test_a_path_outside_of_the_repository_is_refused(wire, published, path):
    assert commit(wire, file(path)).status_code == 400


def test_a_commit_that_fails_in_the_middle_changes_nothing(wire, hub, published):
    commit(wire, file("b.txt"), {"key": "deletedFile", "value": {"path": "nothing.txt"}})
    assert hub.remote_state(REPO).head == published


def test_a_reader_and_a_foreigner_cannot_commit(double, published):
    for token in (READER, FOREIGNER):
        with Wire(double, token) as wire:
            assert commit(wire, file()).status_code == 403


def test_rows_9_to_11_tags_branches_refs(wire, published):
    assert wire("POST", f"{MODEL}/tag/main", {"tag": "t1"}).status_code == 200
    assert wire("POST", f"{MODEL}/tag/main", {"tag": "t1"}).status_code == 409
    assert error_of(wire("POST", f"{MODEL}/tag/nothing", {"tag": "t2"}))[:2] == (404, "RevisionNotFound")
    assert wire("POST", f"{MODEL}/branch/dev", {"startingPoint": "t1"}).status_code == 200
    assert wire("POST", f"{MODEL}/branch/dev", {}).status_code == 409
    refs = wire("GET", f"{MODEL}/refs").json()
    assert refs.keys() == {"branches", "converts", "tags", "pullRequests"}
    assert {"name": "t1", "ref": "refs/tags/t1", "targetCommit": published} in refs["tags"]
    assert [branch["name"] for branch in refs["branches"]] == ["dev", "main"]
    assert wire("DELETE", f"{MODEL}/tag/t1").status_code == 200
    assert wire("DELETE", f"{MODEL}/tag/t1").status_code == 404


def test_row_12_info(wire, published):
    data = wire("GET", MODEL, params={"blobs": "true"}).json()
    assert data.keys() >= {
        "_id", "id", "modelId", "author", "sha", "private", "gated", "disabled", "downloads", "likes", "tags",
        "cardData", "siblings", "createdAt", "lastModified", "usedStorage",
    }  # fmt: skip
    weights = next(item for item in data["siblings"] if item["rfilename"] == "weights.bin")
    digest = hashlib.sha256(b"\0" * 64).hexdigest()
    assert weights["lfs"] == {"sha256": digest, "size": 64, "pointerSize": len(pointer(digest, 64))}
    assert data["cardData"] == {"license": "apache-2.0"}
    assert "size" not in wire("GET", MODEL).json()["siblings"][0]
    assert error_of(wire("GET", f"{MODEL}/revision/nothing"))[:2] == (404, "RevisionNotFound")
    assert error_of(wire("GET", "/api/models/cesai-demo/nothing"))[:2] == (404, "RepoNotFound")


def test_row_13_tree_lists_folders_and_pointer_oids(wire, published):
    commit(wire, file("deep/er/a.txt"))
    tree = {item["path"]: item for item in wire("GET", f"{MODEL}/tree/main?recursive=true").json()}
    assert tree["deep"]["type"] == tree["deep/er"]["type"] == "directory"
    digest = hashlib.sha256(b"\0" * 64).hexdigest()
    assert tree["weights.bin"]["oid"] == git_oid(pointer(digest, 64))
    assert tree["weights.bin"]["lfs"]["oid"] == digest
    flat = {item["path"] for item in wire("GET", f"{MODEL}/tree/main").json()}
    assert "deep" in flat
    assert "deep/er" not in flat


def test_row_14_commits_newest_first_with_the_whole_message(wire, published):
    listed = wire("GET", f"{MODEL}/commits/main").json()
    assert listed[0]["id"] == published
    assert listed[0].keys() == {"id", "title", "message", "authors", "date"}
    assert "Portal-Plan: " in listed[0]["message"]
    assert listed[-1]["title"] == "initial commit"


def test_row_15_resolve(wire, published):
    regular = wire("HEAD", f"/{REPO}/resolve/main/config.json")
    assert regular.headers["ETag"] == f'"{git_oid(b'{"order": 3}\n')}"'
    assert regular.headers["X-Repo-Commit"] == published
    large = wire("GET", f"/{REPO}/resolve/main/weights.bin")
    assert large.status_code == 302
    assert large.headers["X-Linked-Etag"] == f'"{hashlib.sha256(b"\0" * 64).hexdigest()}"'
    assert large.headers["X-Linked-Size"] == "64"
    missing = wire("GET", f"/{REPO}/resolve/main/nothing")
    assert error_of(missing)[:2] == (404, "EntryNotFound")
    assert missing.headers["X-Repo-Commit"] == published


def test_row_16_settings_move_delete(wire, hub, published):
    assert wire("PUT", f"{MODEL}/settings", {"gated": "auto", "visibility": "private"}).status_code == 200
    assert (hub.remote_state(REPO).gated, hub.remote_state(REPO).private) == ("auto", True)
    assert wire("PUT", f"{MODEL}/settings", {"gated": "sometimes"}).status_code == 400
    moved = {"fromRepo": REPO, "toRepo": "cesai-demo/neu", "type": "model"}
    assert wire("POST", "/api/repos/move", moved).status_code == 200
    assert wire("GET", MODEL).status_code == 307
    assert wire("GET", MODEL, follow_redirects=True).json()["id"] == "cesai-demo/neu"
    body = {"name": "neu", "organization": "cesai-demo"}
    assert wire("DELETE", "/api/repos/delete", body).status_code == 200
    assert wire("GET", "/api/models/cesai-demo/neu").status_code == 404


def test_row_17_lists(wire, double, published):
    assert [item["id"] for item in wire("GET", "/api/models?author=cesai-demo").json()] == [REPO]
    assert wire("GET", "/api/models?author=nobody").json() == []
    assert wire("GET", f"{MODEL}/discussions?p=0").json() == {"discussions": [], "count": 0, "start": 0}
    hook = wire("POST", "/api/settings/webhooks", {"url": "https://x", "watched": [], "secret": "s"}).json()
    assert hook["webhook"].keys() == {"id", "url", "watched", "domains", "secret", "disabled"}


def test_row_6_the_real_xet_client_stores_into_a_folder(tmp_path, certificate_folder):
    """A process of its own: the Rust client reads the certificate from the environment once."""
    xet = tmp_path / "xet"
    with running_double(tmp_path / "hub", certificate_folder=certificate_folder, xet_folder=xet) as double:
        script = (
            "import huggingface_hub as h, os\n"
            f"api = h.HfApi(endpoint={double.endpoint!r}, token={CANARY!r})\n"
            f"api.create_repo({REPO!r})\n"
            f"api.upload_file(path_or_fileobj=b'\\0' * 2_000_000, path_in_repo='w.bin', repo_id={REPO!r})\n"
        )
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "HF_ENDPOINT": double.endpoint,
            "SSL_CERT_FILE": str(double.ca_file),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=120)
        entry = double.store.get(REPO).resolve("main").tree["w.bin"]
        assert entry.sha256 == hashlib.sha256(b"\0" * 2_000_000).hexdigest()
        assert double.count("xet_token") >= 1
        assert double.count("lfs_put") == 0


def test_what_was_published_survives_a_restart(tmp_path, certificate_folder, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    from hub.client import HubClient

    with running_double(tmp_path, certificate_folder=certificate_folder) as first:
        landed = Publisher(HubClient(first.endpoint, CANARY)).publish()
    with running_double(tmp_path, certificate_folder=certificate_folder) as second:
        assert HubClient(second.endpoint, CANARY).remote_state(REPO).head == landed.oid


def test_a_rate_limited_answer_says_when_the_window_opens(wire, double):
    double.order("whoami", Kind.RATE_LIMIT, reset=55)
    answer = wire("GET", "/api/whoami-v2")
    assert (answer.status_code, answer.headers["RateLimit"]) == (429, '"api";r=0;t=55')


def test_people_read_a_public_model_in_the_browser_without_tls(double, hub):
    Publisher(hub, {"README.md": b"---\nlicense: mit\n---\n<script>alert(1)</script>"}).publish()
    page = httpx2.get(f"http://127.0.0.1:{double.port}/{REPO}")
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "Hub double" in page.text
    hub.change_settings(REPO, private=True)
    assert httpx2.get(f"http://127.0.0.1:{double.port}/{REPO}").status_code == 404


def test_the_interface_itself_insists_on_tls(double):
    assert httpx2.get(f"http://127.0.0.1:{double.port}/api/whoami-v2").status_code == 426


def test_the_command_starts_makes_a_token_and_ends_on_request(tmp_path):
    command = [sys.executable, "-m", "hub.double", "--root", str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout.readline().startswith("ready https://localhost:")
        token = tmp_path / "token"
        assert token.read_text().startswith("hf_")
        assert token.stat().st_mode & 0o077 == 0
        process.terminate()
        assert process.wait(10) == 0


def test_a_taken_port_is_named(double, tmp_path):
    command = [sys.executable, "-m", "hub.double", "--root", str(tmp_path), "--port", str(double.port)]
    root = Path(__file__).parents[2]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert ended.returncode == 1
    assert f"port {double.port}" in ended.stderr
