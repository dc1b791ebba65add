from voting.models.ballot import Ballot
from voting.models.chain import ChainRecord
from voting.models.delegation import Delegation
from voting.models.draft import BallotDraft, VotingPreference
from voting.models.imported import ImportedElection
from voting.models.objection import Objection
from voting.models.result import ProofKit, Purse, Result, ResultItem, TrackResult
from voting.models.round import Round, RoundItem, RoundVoter
from voting.models.succession import Succession
from voting.models.track import Track

__all__ = [
    "Ballot",
    "BallotDraft",
    "ChainRecord",
    "Delegation",
    "ImportedElection",
    "Objection",
    "ProofKit",
    "Purse",
    "Result",
    "ResultItem",
    "Round",
    "RoundItem",
    "RoundVoter",
    "Succession",
    "Track",
    "TrackResult",
    "VotingPreference",
]
