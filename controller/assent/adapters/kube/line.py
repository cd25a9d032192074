"""A line of one's own to the API server: another thread can hang it up; it knows how long the server asks to wait."""

from typing import Any, Self

from assent.adapters.kube.api import Api
from assent.adapters.kube.waits import retry_after
from assent.errors import ClusterError

_REFUSALS = 400


class Line(Api):
    """The same API server and account as the `Api` it is made of; one thread speaks on it at a time.

    `asked` is how many seconds the server last asked to wait.
    """

    asked: float = 0.0
    _open: Any = None
    _hung_up: bool = False

    @classmethod
    def of(cls, api: Api) -> Self:
        """A further line to where `api` leads; both share its connections and credentials."""
        return cls(api._client, timeout=api._timeout)  # noqa: SLF001 -- a line is an Api over the same client

    def hang_up(self) -> None:
        """Ends what is being read, from whichever thread, and refuses what comes after it.

        A close would wait for the read that it is to end, so the socket is shut under it.
        """
        self._hung_up = True
        try:
            if self._open is not None:
                self._open.response.shutdown()
        except (ValueError, RuntimeError, OSError):
            return  # it has ended already

    def pick_up(self) -> None:
        """Lets the line be used again after it was hung up."""
        self._hung_up = False

    def _call(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- handed on as they came
        self.asked = 0.0
        self._open = response = super()._call(*arguments, **options)
        if self._hung_up:
            response.response.close()
            raise ClusterError("the line was hung up")
        return response

    def _read(self, response: Any) -> bytes:  # noqa: ANN401 -- the library's own response
        if response.status >= _REFUSALS:
            self.asked = retry_after(response.getheader("Retry-After"))
        return super()._read(response)
