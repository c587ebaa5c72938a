"""Three flows on real data: an ETL job, the training of a small model, and measurements of this machine.

    python3 examples/workflows/example_flows.py

Nothing needs to be installed. The server is the one at PERFECT_URL, by default http://127.0.0.1:3000. Ctrl-C waits for
the runs and ends. Kill it in the middle of a run and start it again: the run goes on after the last recorded task.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import logging
import math
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, TypedDict

HERE = Path(__file__).resolve().parent

if importlib.util.find_spec("perfect_client") is None:
    # Run from a checkout, without an installed package.
    sys.path.insert(0, str(HERE.parent.parent / "clients" / "python" / "src"))

from perfect_client import CronSchedule, Param, create_client, flow, get_logger, progress, task, track  # noqa: E402

Count = Annotated[int, Param(ge=1)]

DATA = HERE / "data"
RESULTS = Path(os.environ.get("PERFECT_EXAMPLE_RESULTS") or Path(tempfile.gettempdir()) / "perfect-examples")
# The data is small, and its work is done in a blink. 0 does it in a blink; 1 leaves time to watch.
PACE = float(os.environ.get("PERFECT_EXAMPLE_PACE", "1"))


def pace(seconds: float) -> None:
    """Takes the time that more data would take."""
    time.sleep(seconds * PACE)


class Month(TypedDict):
    """One row of the employment data."""

    month: str
    sectors: dict[str, float]


class Trend(TypedDict):
    """How a sector did over the years."""

    sector: str
    by_year: dict[str, float]
    lowest: str
    change_percent: float


@task(weight=3, estimated_time=1500)
def extract_data(path: str) -> list[Month]:
    """Reads the file; rows that are not complete are left out."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    months: list[Month] = []
    for number, row in enumerate(track(rows, message="reading"), 2):
        pace(0.01)
        try:
            sectors = {name: float(value) for name, value in row.items() if name not in ("month", "nonfarm_change")}
        except ValueError:
            get_logger("etl").warning("row %d is not complete: %s", number, row)
            continue
        months.append({"month": row["month"], "sectors": sectors})
    get_logger("etl").info("%d months, %s to %s", len(months), months[0]["month"], months[-1]["month"])
    return months


@task(weight=1, estimated_time=500)
def summarise_sector(sector: str, months: list[Month]) -> Trend:
    """The yearly mean of a sector, its worst month, and how much it changed from the first to the last year."""
    pace(0.3 + random.random() * 0.4)
    values: dict[str, list[float]] = {}
    for month in months:
        values.setdefault(month["month"][:4], []).append(month["sectors"][sector])
    by_year = {year: round(sum(counts) / len(counts), 1) for year, counts in values.items()}
    first, last = by_year[min(by_year)], by_year[max(by_year)]
    lowest = min(months, key=lambda month: month["sectors"][sector])["month"]
    change = round((last - first) / first * 100, 1)
    get_logger("etl").info("%s: %+.1f %%, lowest in %s", sector, change, lowest)
    return {"sector": sector, "by_year": by_year, "lowest": lowest, "change_percent": change}


@task(weight=2, estimated_time=800, retries=2)
def load_trends(trends: list[Trend]) -> str:
    """Writes the trends to SQLite. Writing them again changes nothing, so a retry is harmless."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / "employment.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "create table if not exists trend (sector text, year text, mean real, primary key (sector, year))"
        )
        for trend in track(trends, message="writing"):
            pace(0.1)
            rows = [(trend["sector"], year, mean) for year, mean in trend["by_year"].items()]
            database.executemany("insert or replace into trend values (?, ?, ?)", rows)
    get_logger("etl").info("%d sectors written to %s", len(trends), file)
    return str(file)


@flow(name="ETL Pipeline", schedule=CronSchedule("0 0 * * *"), tags=("example", "etl"))
def etl_pipeline(sectors: Count = 8) -> dict[str, object]:
    """Reads ten years of employment in the United States, computes the trend of each sector, and stores them."""
    months = extract_data(str(DATA / "us-employment.csv"))
    names = sorted(months[0]["sectors"])[:sectors]
    # A key for each sector: a replay finds its result whatever else was added to the list.
    jobs = [summarise_sector.options(key=name).submit(name, months) for name in names]
    trends = [job.result() for job in jobs]
    file = load_trends(trends)
    best = max(trends, key=lambda trend: trend["change_percent"])
    return {"months": len(months), "sectors": len(trends), "fastest": best["sector"], "file": file}


FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


class Samples(TypedDict):
    """Measurements, scaled to mean 0 and deviation 1, and the index of the species of each."""

    species: list[str]
    features: list[list[float]]
    labels: list[int]


Weights = list[list[float]]


@task(weight=1, estimated_time=600)
def prepare_samples(path: str, seed: int) -> tuple[Samples, Samples]:
    """Reads the penguins, leaves out the ones with missing values, and keeps a fifth of them for the test."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    complete = [row for row in rows if all(row[name] for name in FEATURES)]
    random.Random(seed).shuffle(complete)
    species = sorted({row["species"] for row in complete})
    columns = [[float(row[name]) for row in complete] for name in FEATURES]
    scaled = [_scaled(column) for column in columns]
    samples = [list(values) for values in zip(*scaled, strict=True)]
    labels = [species.index(row["species"]) for row in complete]
    pace(0.5)
    cut = len(samples) // 5
    get_logger("train").info("%d of %d penguins are complete; %d for the test", len(complete), len(rows), cut)
    test: Samples = {"species": species, "features": samples[:cut], "labels": labels[:cut]}
    return {"species": species, "features": samples[cut:], "labels": labels[cut:]}, test


@task(weight=3, estimated_time=1200)
def train_block(weights: Weights, samples: Samples, epochs: int, rate: float) -> Weights:
    """Some epochs of gradient descent on a softmax regression."""
    loss = 0.0
    for _ in track(range(epochs), message="training"):
        pace(0.02)
        gradients = [[0.0] * len(row) for row in weights]
        loss = 0.0
        for features, label in zip(samples["features"], samples["labels"], strict=True):
            shares = _softmax(weights, features)
            loss -= math.log(max(shares[label], 1e-12))
            for index, share in enumerate(shares):
                error = share - (index == label)
                gradients[index] = [g + error * x for g, x in zip(gradients[index], [*features, 1.0], strict=True)]
        step = rate / len(samples["labels"])
        weights = [
            [w - step * g for w, g in zip(row, gradient, strict=True)]
            for row, gradient in zip(weights, gradients, strict=True)
        ]
    get_logger("train").info("loss %.4f", loss / len(samples["labels"]))
    return weights


@task(weight=1, estimated_time=500)
def evaluate(weights: Weights, samples: Samples) -> float:
    """The share of penguins whose species the model tells."""
    hits = 0
    for features, label in zip(samples["features"], track(samples["labels"]), strict=True):
        pace(0.005)
        shares = _softmax(weights, features)
        hits += shares.index(max(shares)) == label
    accuracy = round(hits / len(samples["labels"]), 4)
    get_logger("train").info("%d of %d right", hits, len(samples["labels"]))
    return accuracy


@task
def save_model(weights: Weights, species: list[str], accuracy: float) -> str:
    """Writes the model to a file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / "penguins.json"
    model = {"features": FEATURES, "species": species, "weights": weights, "accuracy": accuracy}
    file.write_text(json.dumps(model, indent=2), encoding="utf-8")
    return str(file)


@flow(name="Model Training", tags=("example", "ml"))
def model_training(blocks: Count = 5, epochs: Count = 40, rate: float = 0.5, seed: int = 1) -> dict[str, object]:
    """Trains a model that tells the species of a penguin by four measurements, in blocks that survive a crash."""
    training, test = prepare_samples(str(DATA / "penguins.csv"), seed)
    weights: Weights = [[0.0] * (len(FEATURES) + 1) for _ in training["species"]]
    for _ in range(blocks):
        weights = train_block(weights, training, epochs, rate)
    accuracy = evaluate(weights, test)
    return {"accuracy": accuracy, "model": save_model(weights, training["species"], accuracy)}


class Reading(TypedDict):
    """What the machine is doing; None where the system does not tell."""

    load: float | None
    memory_percent: float | None
    disk_percent: float


@task(estimated_time=1000)
def measure(number: int) -> Reading:
    """Load, memory and disk of this machine, now."""
    pace(0.8)
    disk = shutil.disk_usage(HERE)
    reading: Reading = {
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "memory_percent": _memory_percent(),
        "disk_percent": round(disk.used / disk.total * 100, 1),
    }
    progress(1.0, f"load {reading['load']}")
    get_logger("monitor").info("measurement %d: %s", number, reading)
    return reading


@task
def judge(readings: list[Reading], limits: dict[str, float]) -> list[str]:
    """Which limits were exceeded by the mean of the measurements."""
    alerts: list[str] = []
    for name, limit in limits.items():
        values = [value for reading in readings if isinstance(value := reading.get(name), (int, float))]
        if values and sum(values) / len(values) > limit:
            alerts.append(f"{name} is {sum(values) / len(values):.1f}, more than {limit:g}")
    for alert in alerts:
        get_logger("monitor").warning(alert)
    return alerts


@flow(name="Machine Monitoring", tags=("example", "monitoring"))
def machine_monitoring(
    measurements: int = 5, disk_limit: float = 90.0, memory_limit: float = 90.0
) -> dict[str, object]:
    """Measures this machine a few times, and warns when it runs out of something."""
    readings = [measure(number) for number in range(1, measurements + 1)]
    limits = {"load": 2.0 * (os.cpu_count() or 1), "disk_percent": disk_limit, "memory_percent": memory_limit}
    return {"last": readings[-1], "alerts": judge(readings, limits)}


def _scaled(column: Sequence[float]) -> list[float]:
    mean = sum(column) / len(column)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in column) / len(column))
    return [(value - mean) / deviation for value in column]


def _softmax(weights: Weights, features: Sequence[float]) -> list[float]:
    scores = [sum(w * x for w, x in zip(row, [*features, 1.0], strict=True)) for row in weights]
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def _memory_percent() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return round(100 - sizes["MemAvailable"] / sizes["MemTotal"] * 100, 1)


def main() -> None:
    """Registers the flows and executes their runs until a signal comes."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    client = create_client()
    for each in (etl_pipeline, model_training, machine_monitoring):
        client.register_flow(each)
    client.listen_for_executions()


if __name__ == "__main__":
    main()
