"""What may be somebody's name."""

LONGEST = 120
JOINERS = "\u200c\u200d"  # parts of words in the scripts of India


def is_name(text: str) -> bool:
    """Some letters in a line, with nothing that moves a cursor, turns the direction of writing, or cannot be seen."""
    return bool(text) and len(text) <= LONGEST and text == legible(text)


def legible(text: str) -> str:
    """What of it may be in a name."""
    return "".join(one for one in text if one.isprintable() or one in JOINERS)
