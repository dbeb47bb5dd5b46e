"""Parsers, guided by what of our code each input reaches. ``python -m fuzz.guided NAMES SEED SECONDS FOLDER``"""

import sys

import atheris

with atheris.instrument_imports(include=["svastha"]):
    from fuzz.targets import TARGETS


def main() -> None:
    names, seed, seconds, folder = sys.argv[1:]
    chosen = names.split(",")

    def read(data: bytes) -> None:
        if data:
            name = chosen[data[0] % len(chosen)]
            try:
                TARGETS[name](data[1:])
            except Exception as trouble:
                raise AssertionError(f"{name} broke at {data[1:200]!r}") from trouble

    limits = [f"-max_total_time={max(1, int(float(seconds)))}", f"-seed={seed}", "-max_len=2000", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *limits, "-timeout=20", f"-artifact_prefix={folder}/", folder], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
