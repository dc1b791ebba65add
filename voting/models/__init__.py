from voting.models.ballot import Ballot
from voting.models.imported import ImportedElection
from voting.models.result import ProofKit, Result, ResultItem
from voting.models.round import Round, RoundItem, RoundVoter

__all__ = [
    "Ballot",
    "ImportedElection",
    "ProofKit",
    "Result",
    "ResultItem",
    "Round",
    "RoundItem",
    "RoundVoter",
]
