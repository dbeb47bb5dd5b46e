from typing import Literal

import msgspec


class Sealed(msgspec.Struct, frozen=True):
    """A sealed column. Each room registers its own as ``SEALED``, so that the rotation of keys finds it.

    ``key`` is the column of the primary key, of type ``kind``; ``row`` is SQL for the row that the text is bound to,
    where that is more than the key.
    """

    table: str
    column: str
    key: str = "id"
    row: str = ""
    kind: Literal["uuid", "bytea", "text", "bigint"] = "uuid"
    at_once: int = 50  # rows a batch of the rotation takes: few where texts are large

    @property
    def place(self) -> str:
        return f"({self.row or self.key})::text"
