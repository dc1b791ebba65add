"""One publication with the real client, step by step as the portal does it."""

from collections.abc import Mapping

from hub.client import HubClient, Landed, Upload
from hub.plan import Action, Bond, SyncPlan, Wanted, make_plan, manifest, tree_file
from tests.hub.doubles import REPO

CARD = b"---\nlicense: apache-2.0\n---\n# Werkstatt\n"


def wanted(files: Mapping[str, bytes] | None = None, *, tag: str = "v1.0", private: bool = False) -> Wanted:
    contents = {"README.md": CARD, "config.json": b'{"order": 3}\n', **(files or {})}
    return Wanted(
        REPO,
        {path: tree_file(data) for path, data in contents.items()},
        tag,
        "Werkstatt 1.0",
        private=private,
    )


def uploads(plan: SyncPlan, contents: Mapping[str, bytes]) -> list[Upload]:
    return [
        Upload(path, contents[path], plan.expected[path].sha256)
        for path in plan.paths(Action.ADD, Action.REPLACE)
    ]


class Publisher:
    """Plans and applies `contents` in full; keeps what it published for the next plan."""

    def __init__(self, hub: HubClient, contents: Mapping[str, bytes] | None = None) -> None:
        self.hub = hub
        self.contents = {"README.md": CARD, "config.json": b'{"order": 3}\n', **(contents or {})}
        self.bond = Bond()
        self.tag = "v1.0"

    def plan(self) -> SyncPlan:
        files = {path: tree_file(data) for path, data in self.contents.items()}
        files["MANIFEST.sha256.json"] = tree_file(manifest(files))
        return make_plan(
            Wanted(REPO, files, self.tag, "Werkstatt 1.0"), self.hub.remote_state(REPO), self.bond
        )

    def commit(self, plan: SyncPlan) -> Landed:
        files = {path: tree_file(data) for path, data in self.contents.items()}
        contents = {**self.contents, "MANIFEST.sha256.json": manifest(files)}
        self.hub.ensure_repo(REPO)
        return self.hub.commit(
            REPO,
            parent=plan.base_sha or self.hub.remote_state(REPO).head,
            uploads=uploads(plan, contents),
            deletions=plan.paths(Action.DELETE),
            summary=plan.title,
            digest=plan.digest,
            expected=dict(plan.expected),
        )

    def publish(self) -> Landed:
        plan = self.plan()
        landed = self.commit(plan)
        self.hub.tag(REPO, name=self.tag, commit=landed.oid)
        self.hub.change_settings(REPO, private=False)
        state = self.hub.remote_state(REPO)
        self.bond = Bond(
            state.internal_id, {p: f.content_id for p, f in state.files.items() if p in plan.expected}
        )
        return landed
