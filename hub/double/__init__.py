"""Hub double for demo and tests: a small server that answers like a Hugging Face Hub.

It speaks the part of the Hub's interface that publishing a model needs, over TLS on loopback, and keeps
what it is given in a folder. It is not a Hub: nothing here leaves the machine, and nobody else can see it.
"""

from hub.double.faults import Fault
from hub.double.server import HubDouble

__all__ = ["Fault", "HubDouble"]
