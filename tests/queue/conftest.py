from tests.morning import world_in_the_morning

__all__ = ["world_in_the_morning"]
