"""The lot of a round: the last word where nothing else tells two items apart."""

import hashlib


def lot_order(lot: str, codes: list[str]) -> list[str]:
    """The codes in the order of SHA-256 over the lot and the code: drawn before anybody knew the proposals."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{lot}{code}".encode()).hexdigest())
