from tests.federation import trusting, twin

__all__ = ["trusting", "twin"]  # fixtures
