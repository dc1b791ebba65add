"""What a bearer may see and change, with the Hub's answers to everybody else."""

from hub.double.http import HubFault, Request, unauthorised
from hub.double.store import Commit, Repository


def readable(double, request: Request, repo: str) -> Repository:
    """The repository. Without a token a private or missing one is a 401; with one, a missing one is a 404."""
    repository = double.store.get(repo)
    may_see = repository is not None and (
        not repository.private
        or (request.bearer is not None and repo.split("/")[0] in request.bearer.namespaces)
    )
    if repository is not None and may_see:
        return repository
    if request.bearer is None:
        raise unauthorised()
    raise HubFault(404, "Repository not found", code="RepoNotFound")


def writable(double, request: Request, repo: str) -> Repository:
    bearer = request.require_account()
    repository = readable(double, request, repo)
    if not bearer.may_write(repo):
        raise HubFault(
            403,
            "Forbidden: you must use a write token to upload to a repository.",
            headers={"X-Scope": "write"},
        )
    return repository


def at(repository: Repository, revision: str) -> Commit:
    commit = repository.resolve(revision)
    if commit is None:
        raise HubFault(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
    return commit
