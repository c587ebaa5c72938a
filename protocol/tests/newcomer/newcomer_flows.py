"""Written with nothing but the guides of Python at hand: docs/guide/python-workers.md and python-flows.md."""

from datetime import timedelta
from typing import Annotated

from perfect_client import Param, current_run, flow, get_logger, progress, sleep, task


@task(retries=2, retry_delay=0.01)
def fetch(city: str) -> dict[str, float]:
    if city == "Atlantis":
        raise ValueError("Atlantis has sunk")
    get_logger().info("fetched %s", city)
    return {"temperature": float(len(city))}


@task(weight=3)
def average(readings: list[dict[str, float]]) -> float:
    progress(0.5, "halfway")
    return sum(reading["temperature"] for reading in readings) / len(readings)


@task(idempotent=False)
def notify(text: str) -> str:
    return f"{text} ({current_run().attempt})"


@flow(name="Weather Report", timeout=timedelta(minutes=1))
def weather_report(cities: list[str], copies: Annotated[int, Param(ge=1)] = 1) -> str:
    """The mean temperature of some cities."""
    outcomes = fetch.map(cities, key=str, max_workers=2).settled(max_failures=1)
    readings = [outcome.value for outcome in outcomes if outcome.ok]
    sleep(0.01)
    mean = average.submit(readings * copies)
    return notify(f"{mean.result():.1f}")
