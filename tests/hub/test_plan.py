"""Plans as values: the same input gives the same plan, and the plan is all that is done."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.plan import Action, Blocker, Bond, SyncPlan, Wanted, make_plan, manifest, tree_file
from hub.state import RemoteFile, RemoteState
from tests.hub.doubles import REPO

A, B = tree_file(b"a"), tree_file(b"b")
HEAD = "1" * 40


def remote(files=None, **options):
    listed = {path: RemoteFile(file.size, file.git_oid) for path, file in (files or {}).items()}
    fields = {"internal_id": "7", "head": HEAD, "private": False, **options}
    return RemoteState(REPO, exists=True, files=listed, **fields)


def wanted(files, **options):
    return Wanted(REPO, files, options.pop("tag", ""), "Werkstatt 1.0", **options)


def actions(plan):
    return [(operation.action, operation.path) for operation in plan.operations]


def test_a_new_repository_is_created_filled_tagged_and_opened_last():
    plan = make_plan(wanted({"README.md": A}, tag="v1"), RemoteState.missing(REPO))
    assert [operation.action for operation in plan.operations] == [
        Action.CREATE,
        Action.ADD,
        Action.TAG,
        Action.PUBLISH,
    ]
    assert plan.settings == (("visibility", "private", "public"),)
    assert plan.bytes_to_send == 1


def test_a_repository_in_the_wanted_state_gives_an_empty_plan():
    bond = Bond("7", {"README.md": A.git_oid})
    plan = make_plan(wanted({"README.md": A}, tag="v1"), remote({"README.md": A}, tags={"v1": HEAD}), bond)
    assert plan.is_empty
    assert (plan.drift, plan.blockers, plan.bytes_to_send) == ((), (), 0)


def test_files_of_others_stay_and_only_files_of_ours_are_deleted():
    there = remote({"README.md": A, "old.txt": A, "NOTE.md": B, ".gitattributes": B})
    plan = make_plan(
        wanted({"README.md": A}), there, Bond("7", {"README.md": A.git_oid, "old.txt": A.git_oid})
    )
    assert actions(plan) == [(Action.DELETE, "old.txt")]
    assert plan.expected.keys() == {"README.md", "NOTE.md"}


def test_an_edit_at_the_hub_shows_as_drift():
    bond = Bond("7", {"README.md": A.git_oid, "config.json": A.git_oid})
    plan = make_plan(wanted({"README.md": A, "config.json": A}), remote({"README.md": B}), bond)
    assert plan.drift == ("README.md", "config.json")
    assert actions(plan) == [(Action.REPLACE, "README.md"), (Action.ADD, "config.json")]


def test_a_filled_repository_that_was_never_ours_is_only_taken_over_by_an_operation_people_see():
    assert make_plan(wanted({"README.md": A}), remote({"x": B})).operations[0].action is Action.ADOPT
    assert (
        make_plan(wanted({"README.md": A}), remote({".gitattributes": B})).operations[0].action is Action.ADD
    )


@pytest.mark.parametrize(
    ("state", "bond", "blocker"),
    [
        (RemoteState("cesai-demo/other", exists=True, internal_id="7"), Bond("7"), Blocker.RENAMED),
        (RemoteState.missing(REPO), Bond("7"), Blocker.VANISHED),
        (remote(internal_id="8"), Bond("7"), Blocker.REPLACED),
        (remote(disabled=True), Bond("7"), Blocker.DISABLED),
    ],
)
def test_a_repository_that_is_not_the_one_we_know_blocks_the_plan(state, bond, blocker):
    assert make_plan(wanted({"README.md": A}), state, bond).blockers == (blocker,)


def test_under_an_existing_tag_the_card_may_change_and_the_weights_may_not():
    there = remote({"README.md": A, "w.bin": A}, tags={"v1": HEAD})
    assert make_plan(wanted({"README.md": B, "w.bin": A}, tag="v1"), there, Bond("7")).blockers == ()
    blocked = make_plan(wanted({"README.md": A, "w.bin": B}, tag="v1"), there, Bond("7"))
    assert blocked.blockers == (Blocker.TAG_TAKEN,)


def test_settings_are_part_of_the_plan():
    plan = make_plan(wanted({}, private=True, gated="auto"), remote(), Bond("7"))
    assert [operation.action for operation in plan.operations] == [Action.GATE, Action.HIDE]
    assert plan.settings == (("visibility", "public", "private"), ("gated", "", "auto"))


def test_any_other_operation_base_or_file_gives_another_digest():
    one = make_plan(wanted({"README.md": A}), remote(), Bond("7"))
    others = [
        make_plan(wanted({"README.md": B}), remote(), Bond("7")),
        make_plan(wanted({"README.md": A}), remote(head="2" * 40), Bond("7")),
        make_plan(wanted({"README.md": A}, gated="auto"), remote(), Bond("7")),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 4


PATHS = st.sampled_from(["README.md", "a.txt", "b/c.bin", "d.json", "ü.md"])
TREES = st.dictionaries(PATHS, st.binary(max_size=3).map(tree_file))


# A busy machine makes slow draws; that says nothing about plans.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ours=TREES, theirs=TREES, published=TREES)
def test_what_the_operations_do_to_the_tree_is_what_the_plan_expects(ours, theirs, published):
    bond = Bond("7", {path: file.git_oid for path, file in published.items()})
    plan = make_plan(wanted(ours), remote(theirs), bond)
    tree = {path: file.git_oid for path, file in theirs.items()}
    for operation in plan.operations:
        if operation.action in (Action.ADD, Action.REPLACE):
            tree[operation.path] = ours[operation.path].git_oid
        elif operation.action is Action.DELETE:
            del tree[operation.path]
    assert tree == {path: file.git_oid for path, file in plan.expected.items()}
    assert SyncPlan.from_dict(json.loads(json.dumps(plan.as_dict()))).digest == plan.digest
    assert make_plan(wanted(dict(reversed(ours.items()))), remote(theirs), bond).digest == plan.digest


def test_the_manifest_lists_every_file_but_the_card():
    assert json.loads(manifest({"b": B, "README.md": A, "a": A})) == {
        "version": 1,
        "files": {"a": {"size": 1, "sha256": A.sha256}, "b": {"size": 1, "sha256": B.sha256}},
    }
