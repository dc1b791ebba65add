from tests.hub.doubles import certificate_folder, double, hub

__all__ = ["certificate_folder", "double", "hub"]
