from hypothesis import strategies as st

from fuzz.seeds import SEEDS, WILD


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Wild bytes, wild text, and what is right with something of it changed."""
    changed = st.builds(
        _changed,
        st.sampled_from(SEEDS.get(name, [b""])),
        st.integers(0, 10_000),
        st.integers(0, 4),
        st.one_of(st.binary(max_size=4), st.sampled_from(WILD)),
    )
    text = st.text(st.characters(exclude_categories=[])).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(changed, st.binary(max_size=200), text)


def _changed(right: bytes, at: int, cut: int, new: bytes) -> bytes:
    at %= len(right) + 1
    return right[:at] + new + right[at + cut :]
