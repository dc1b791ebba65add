from voting.models.ballot import Ballot
from voting.models.chain import ChainRecord
from voting.models.imported import ImportedElection
from voting.models.result import ProofKit, Result, ResultItem
from voting.models.round import Round, RoundItem, RoundVoter

__all__ = [
    "Ballot",
    "ChainRecord",
    "ImportedElection",
    "ProofKit",
    "Result",
    "ResultItem",
    "Round",
    "RoundItem",
    "RoundVoter",
]
