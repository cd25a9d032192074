"""Commands whose parameters are the fields of a dataclass, each with its help and its default."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints


def takes(options: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The command with a parameter for each field of a dataclass, as Typer reads parameters from a signature."""

    def taking(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(options, include_extras=True)
        found = [
            inspect.Parameter(
                one.name, inspect.Parameter.KEYWORD_ONLY, default=_default(one), annotation=hints[one.name]
            )
            for one in fields(options)
        ]
        signature: Any = inspect.Signature(found)
        command.__signature__ = signature  # type: ignore[attr-defined] # functions take any attribute
        command.__annotations__ = {one.name: one.annotation for one in found}
        return command

    return taking


def _default(one: Field[Any]) -> Any:  # noqa: ANN401 -- each option has its own type
    return one.default if one.default is not MISSING else inspect.Parameter.empty
