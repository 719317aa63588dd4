"""What a million people cost: sampled, rendered and written; MinHash beside datasketch; embeddings by faiss.

    python benchmarks/populations.py --people 1000000 --dedup 1000000 --peer 100000 --embed 250000

Each measurement is a process of its own, so that its peak memory is its own. CPU seconds are told beside wall seconds:
on a machine that others use too, wall seconds say little. datasketch is installed, once, into an environment of its own
in ``benchmarks/.environments``; it gets the first ``--peer`` of the same texts, and so do we once more.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORK = ("nurse", "teacher", "farmer", "welder", "cook", "judge", "pilot", "tailor", "potter", "miner", "clerk", "vet")
PLACE = ("Leeds", "Lagos", "Lima", "Osaka", "Quebec", "Malmo", "Cork", "Pune", "Bergen", "Turin", "Perth", "Graz")
LIKES = ("bees", "chess", "opera", "rowing", "maps", "radio", "bread", "stamps", "ferns", "kites", "jazz", "clocks")


def texts(n: int, seed: int = 0) -> list[str]:
    """Short personas that differ, a tenth of them one-word edits of earlier ones."""
    rng = random.Random(seed)
    made = []
    for row in range(n):
        if row % 10 == 9:
            made.append(made[rng.randrange(len(made))].replace(" who ", " that ", 1))
            continue
        made.append(
            f"A {rng.randint(18, 90)}-year-old {rng.choice(WORK)} from {rng.choice(PLACE)} who {rng.choice('abcdefgh')}"
            f"{rng.randrange(10**6):06d} collects {rng.choice(LIKES)}, fears {rng.choice(LIKES)}{rng.randrange(10**4)},"
            f" and hopes to move to {rng.choice(PLACE)} with {rng.randint(1, 9)} friends in {rng.randint(2027, 2060)}."
        )
    return made


def spent(begun: float) -> dict[str, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {"wall": time.perf_counter() - begun, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024}


def sample(n: int) -> dict[str, float]:
    from personae.population import load_recipe
    from personae.population.store import write_population

    begun = time.perf_counter()
    recipe = load_recipe(Path(__file__).parent / "town.yaml")
    with tempfile.TemporaryDirectory() as folder:
        write_population(recipe.population(size=n), Path(folder), renderer="second-person")
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
    return {**spent(begun), "disk": disk / 1e6}


def minhash(n: int) -> dict[str, float]:
    from personae.population.dedup import minhash_duplicates

    made = texts(n)
    begun, before = time.perf_counter(), time.process_time()
    found = minhash_duplicates(made, threshold=0.8)
    cpu = time.process_time() - before
    return {**spent(begun), "cpu": cpu, "candidates": len(found.pairs), "removed": found.removed, "rate": n / cpu}


def datasketch(n: int) -> dict[str, float]:
    from datasketch import MinHash, MinHashLSH

    made = texts(n)
    begun, before = time.perf_counter(), time.process_time()
    index = MinHashLSH(num_perm=128, params=(16, 8))
    removed = 0
    for row, text in enumerate(made):
        plain = " ".join(text.casefold().split())
        pieces = {plain[k : k + 5] for k in range(max(1, len(plain) - 4))}
        signature = MinHash(num_perm=128)
        signature.update_batch([piece.encode() for piece in pieces])
        removed += bool(index.query(signature))
        index.insert(str(row), signature)
    cpu = time.process_time() - before
    return {**spent(begun), "cpu": cpu, "removed": removed, "rate": n / cpu}


def embed(n: int) -> dict[str, float]:
    from personae.population.dedup import embedding_duplicates

    made = texts(n)
    begun, before = time.perf_counter(), time.process_time()
    found = embedding_duplicates(made, threshold=0.95)
    cpu = time.process_time() - before
    return {**spent(begun), "cpu": cpu, "removed": found.removed, "rate": n / cpu}


def alone(name: str, n: int, python: Path | str = sys.executable) -> dict[str, float]:
    done = subprocess.run([python, __file__, "--one", name, str(n)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--dedup", type=int, default=1_000_000)
    parser.add_argument("--peer", type=int, default=100_000)
    parser.add_argument("--embed", type=int, default=0)
    parser.add_argument("--one", nargs=2)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(globals()[given.one[0]](int(given.one[1]))))
        return
    if given.people:
        found = alone("sample", given.people)
        print(
            f"sampled, rendered, written: {given.people} people, {found['wall']:.1f} s wall, {found['cpu']:.1f} s CPU,"
            f" {found['mb']:.0f} MB peak, {found['disk']:.0f} MB on disk; of 60 s: {found['wall'] / 60:.2f}",
            flush=True,
        )
    if given.dedup:
        found = alone("minhash", given.dedup)
        print(
            f"MinHash, verified: {given.dedup} texts, {found['wall']:.1f} s wall, {found['cpu']:.1f} s CPU,"
            f" {found['mb']:.0f} MB peak, {found['removed']:.0f} duplicates, {found['rate']:.0f} a CPU second",
            flush=True,
        )
    if given.peer:
        from peers import python_of

        python = python_of("datasketch", ("datasketch",))
        peer, same = alone("datasketch", given.peer, python), alone("minhash", given.peer)
        print(
            f"datasketch, not verified: {given.peer} texts, {peer['cpu']:.1f} s CPU, {peer['mb']:.0f} MB peak,"
            f" {peer['removed']:.0f} duplicates, {peer['rate']:.0f} a CPU second; ours on these texts"
            f" {same['cpu']:.1f} s CPU, {same['mb']:.0f} MB, {same['removed']:.0f} duplicates;"
            f" ours / theirs {same['rate'] / peer['rate']:.1f}",
            flush=True,
        )
    if given.embed:
        found = alone("embed", given.embed)
        print(
            f"embedding: {given.embed} texts, {found['wall']:.1f} s wall, {found['cpu']:.1f} s CPU,"
            f" {found['mb']:.0f} MB peak, {found['removed']:.0f} duplicates",
            flush=True,
        )


if __name__ == "__main__":
    main()
