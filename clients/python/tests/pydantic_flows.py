"""A flow with models of pydantic. Imported only where that is installed."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

from perfect_client import flow, task
from pydantic import BaseModel


class Line(BaseModel):
    """A part of another model."""

    amount: int


class Order(BaseModel):
    """A model with parts."""

    first: Line
    lines: list[Line] = []
    at: datetime
    note: Optional[str] = None  # noqa: UP045 (as users write it)


@task
def price(order: Order) -> Order:
    """Takes a model and gives one."""
    return order.model_copy(update={"note": str(sum(line.amount for line in order.lines))})


@flow
def check(order: Order, more: list[Line] = []) -> Optional[str]:  # noqa: UP045, B006 (as users write it; never changed)
    """Gets models, not dictionaries."""
    order.lines.extend(more)
    return price(order).note
