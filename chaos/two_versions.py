"""This release and the next one serve side by side while the schema is widened, and afterwards narrowed."""

import asyncio
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from time import monotonic

from bench.stand import ran
from chaos.ground import Ground
from chaos.load import Load
from chaos.stand import Stand
from chaos.told import DRAINED, Told
from chaos.truths import all_kept

ROOT = Path(__file__).parent.parent
ROOMS = "src/svastha/domain/consultations"
# The next release: a column of the notes has another name.
CHANGES = {
    f"{ROOMS}/save_note.py": (r"saved_at = now\(\)", "kept_at = now()"),
    f"{ROOMS}/read_note.py": (r"content, saved_at, signed_at FROM", "content, kept_at AS saved_at, signed_at FROM"),
}
EXPAND = """
ALTER TABLE notes ADD COLUMN kept_at timestamptz NOT NULL DEFAULT now();
CREATE FUNCTION keep_both() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.saved_at IS DISTINCT FROM OLD.saved_at THEN NEW.kept_at := NEW.saved_at;
    ELSE NEW.saved_at := NEW.kept_at;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_both BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION keep_both();
"""
CONTRACT = """
DROP TRIGGER keep_both ON notes;
DROP FUNCTION keep_both();
ALTER TABLE notes DROP COLUMN saved_at;
"""


async def run(ground: Ground, told: Told) -> None:
    seconds = 4 if ground.short else 10
    async with ground.stand() as stand:
        following = next_release(stand.folder / "next")
        old = await stand.server()
        stand.program("worker")
        load = Load(stand, old.port, ground.dice, pace=0.8)
        await load.prepare(12, days=20)
        load.begin()
        await asyncio.sleep(seconds / 2)
        told.did(f"expand under load: {await migrate(stand, following, 'expand', EXPAND):.1f} s")
        new = await stand.server(PYTHONPATH=str(following / "src"))
        load.ports = [old.port, new.port]
        await asyncio.sleep(seconds)
        told.did(f"old and new served side by side for {seconds} s, each request at either")
        await repeated(told, load)
        load.ports = [new.port]
        await asyncio.sleep(1)
        await asyncio.to_thread(old.stop)
        told.did(f"old stopped; contract under load: {await migrate(stand, following, 'contract', CONTRACT):.1f} s")
        await asyncio.sleep(seconds / 2)
        await load.end()
        told.saw("clients", load.seen.counts)
        [left] = await stand.sql(
            "asha",
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'notes' AND column_name = 'saved_at'",
        )
        told.holds("the old column is gone", left[0] == 0)
        await load.finish()
        told.well("all jobs were done", await stand.drained(DRAINED), DRAINED)
        await all_kept(told, stand, load)
        await load.close()


def next_release(folder: Path) -> Path:
    """A copy of this one, changed."""
    for part in ("src", "migrations"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (pattern, replacement) in CHANGES.items():
        text, count = re.subn(pattern, replacement, (folder / name).read_text())
        assert count, f"{name} is not what it was: {pattern}"
        (folder / name).write_text(text)
    return folder


async def migrate(stand: Stand, release: Path, name: str, text: str) -> float:
    """With the next number. Returns how long it took."""
    folder = release / "migrations" / "clinic"
    number = len(list(folder.glob("*.sql"))) + 1
    (folder / f"{number:04}_{name}.sql").write_text(text)
    environ = {**os.environ, **stand.programs[0].environ, "PYTHONPATH": str(release / "src")}
    began = monotonic()
    await ran(sys.executable, "-m", "svastha", "migrate", within=120, **environ)
    return monotonic() - began


async def repeated(told: Told, load: Load) -> None:
    """What one version has acknowledged, the other answers again."""
    wishes = [wish for wish in load.wishes if wish.told and not wish.cancelling][:20]
    said = Counter[str]()
    for port in list(load.ports):
        load.ports = [port]
        said += Counter([await load.book(wish) for wish in wishes])
    told.holds(
        f"{len(wishes)} keys are known to both versions",
        bool(wishes) and set(said) == {"201"} and all(len(wish.told) == 1 for wish in wishes),
        said,
    )
