"""Perfect for Python: write flows and tasks as plain functions; the engine runs them durably.

from perfect_client import task, flow, CronSchedule, create_client

@task(weight=5, estimated_time=3000)
def load(day: str) -> int: ...

@flow(name="nightly", schedule=CronSchedule("0 0 * * *"))
def nightly(day: str = "today") -> int:
    return load(day)

client = create_client()
client.register_flow(nightly)
client.listen_for_executions()
"""

from typing import TYPE_CHECKING

from ._lazy import loader
from ._version import VERSION
from .errors import (
    AuthError,
    ConflictError,
    ConnectionLostError,
    DefinitionError,
    JournalMismatchError,
    MapFailedError,
    NotFoundError,
    OutsideRunError,
    ParamsError,
    PayloadTooLargeError,
    PerfectAPIError,
    PerfectError,
    PreconditionError,
    RateLimitedError,
    RunCancelled,
    RunRevoked,
    SerializationError,
    TaskFailedError,
    TaskKeyAmbiguousError,
    TaskKeyDuplicateError,
    TaskOutcomeUnknownError,
    TaskTimeoutError,
    UnavailableError,
    ValidationError,
)
from .sdk import (
    AsyncFlow,
    AsyncTask,
    AsyncTasks,
    Concurrency,
    CronSchedule,
    Failure,
    Flow,
    FlowDefinition,
    IntervalSchedule,
    Param,
    RateLimit,
    RunContext,
    RunLogHandler,
    Success,
    Task,
    TaskFuture,
    TaskFutures,
    TaskPlan,
    create_client,
    current_run,
    flow,
    get_logger,
    now,
    progress,
    random,
    shield,
    sleep,
    sleep_async,
    task,
    track,
    uuid4,
    wrap,
)

if TYPE_CHECKING:
    from .api import PerfectAPIClient
    from .sdk import (
        ExecutionRequest,
        ListenHandle,
        MockClient,
        MockRun,
        PerfectClient,
        RunHandle,
    )
else:
    # Loaded when they are first used: a module that only declares flows stays cheap to import.
    __getattr__ = loader(
        globals(),
        {
            "PerfectAPIClient": ".api",
            **dict.fromkeys(
                ("ExecutionRequest", "ListenHandle", "MockClient", "MockRun", "PerfectClient", "RunHandle"), ".sdk"
            ),
        },
    )

__version__ = VERSION

__all__ = [
    "AsyncFlow",
    "AsyncTask",
    "AsyncTasks",
    "AuthError",
    "Concurrency",
    "ConflictError",
    "ConnectionLostError",
    "CronSchedule",
    "DefinitionError",
    "ExecutionRequest",
    "Failure",
    "Flow",
    "FlowDefinition",
    "IntervalSchedule",
    "JournalMismatchError",
    "ListenHandle",
    "MapFailedError",
    "MockClient",
    "MockRun",
    "NotFoundError",
    "OutsideRunError",
    "Param",
    "ParamsError",
    "PayloadTooLargeError",
    "PerfectAPIClient",
    "PerfectAPIError",
    "PerfectClient",
    "PerfectError",
    "PreconditionError",
    "RateLimit",
    "RateLimitedError",
    "RunCancelled",
    "RunContext",
    "RunHandle",
    "RunLogHandler",
    "RunRevoked",
    "SerializationError",
    "Success",
    "Task",
    "TaskFailedError",
    "TaskFuture",
    "TaskFutures",
    "TaskKeyAmbiguousError",
    "TaskKeyDuplicateError",
    "TaskOutcomeUnknownError",
    "TaskPlan",
    "TaskTimeoutError",
    "UnavailableError",
    "ValidationError",
    "__version__",
    "create_client",
    "current_run",
    "flow",
    "get_logger",
    "now",
    "progress",
    "random",
    "shield",
    "sleep",
    "sleep_async",
    "task",
    "track",
    "uuid4",
    "wrap",
]
