"""Measurements of the portal; each module is one, run by ``./run bench NAME``."""
