"""Asynchronous contexts around benchmarks, which are functions that take turns with an event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import TypeVar

Value = TypeVar("Value")


@contextmanager
def entered(runner: asyncio.Runner, context: AbstractAsyncContextManager[Value]) -> Iterator[Value]:
    """Be inside a context whose loop runs only now and then."""
    stack = AsyncExitStack()
    value = runner.run(stack.enter_async_context(context))
    try:
        yield value
    finally:
        runner.run(stack.aclose())
