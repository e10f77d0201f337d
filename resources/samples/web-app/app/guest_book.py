"""The last few who signed, newest first."""

from collections import deque


class GuestBook:
    def __init__(self, limit: int) -> None:
        self._names: deque[str] = deque(maxlen=limit)

    def sign(self, name: str) -> None:
        """Adds a name; an empty one is no guest."""
        name = name.strip()
        if name:
            self._names.appendleft(name)

    def entries(self) -> list[str]:
        return list(self._names)
