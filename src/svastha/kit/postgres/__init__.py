"""A PostgreSQL of our own, from the programs of a wheel, that never outlives the process that started it.

The wheel brings a launcher too, but that one leaves orphans behind and opens the permissions of parent folders.
"""

from .check import check
from .cluster import Cluster
from .copy import copy
from .trouble import ClusterTrouble

__all__ = ["Cluster", "ClusterTrouble", "check", "copy"]
