"""The keys that seal, find and sign: made, wrapped, spread, rotated and destroyed here.

Owns: data_keys, index_keys, signing_keys, rotations (in both kinds of database).
Announces: nothing.
"""

from svastha.domain.keys.destroy import destroy, destroy_old
from svastha.domain.keys.file_keys import FileKeys
from svastha.domain.keys.indexes import indexes_for_reading, indexes_for_writing
from svastha.domain.keys.locksmith import Locksmith
from svastha.domain.keys.make import make_data_key, make_first
from svastha.domain.keys.model import SPREAD
from svastha.domain.keys.ports import KeyProvider, ProviderAway
from svastha.domain.keys.reseal import Reseal, left_to_do, reseal
from svastha.domain.keys.rewrap import rewrap, wraps
from svastha.domain.keys.rotate import Rotation, begin, make_next, newest_version, rotation
from svastha.domain.keys.rotate_index import RotateIndex, advance_index, index_keys, rotate_index
from svastha.domain.keys.rotate_signing import rotate_signing, signing_keys
from svastha.kit.sealed import Sealed

__all__ = [
    "SPREAD",
    "FileKeys",
    "KeyProvider",
    "Locksmith",
    "ProviderAway",
    "Reseal",
    "RotateIndex",
    "Rotation",
    "Sealed",
    "advance_index",
    "begin",
    "destroy",
    "destroy_old",
    "index_keys",
    "indexes_for_reading",
    "indexes_for_writing",
    "left_to_do",
    "make_data_key",
    "make_first",
    "make_next",
    "newest_version",
    "reseal",
    "rewrap",
    "rotate_index",
    "rotate_signing",
    "rotation",
    "signing_keys",
    "wraps",
]
