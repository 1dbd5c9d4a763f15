"""A queue in order of arrival: append, remove anywhere and walk on from a remembered place, each at constant cost."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Node(Generic[T]):
    """A place in a `Line`. A removed node keeps its way forward, so that a walk resting on it can go on."""

    __slots__ = ("item", "line", "newer", "older")

    def __init__(self, item: T, line: "Line[T]", older: "Node[T] | None") -> None:
        self.item = item
        self.line: Line[T] | None = line
        self.older = older
        self.newer: Node[T] | None = None


class Line(Generic[T]):
    """A doubly linked list, the eldest first."""

    __slots__ = ("eldest", "newest", "size")

    def __init__(self) -> None:
        self.eldest: Node[T] | None = None
        self.newest: Node[T] | None = None
        self.size = 0

    def append(self, item: T) -> Node[T]:
        """Puts `item` behind everyone else and returns its node."""
        node = Node(item, self, self.newest)
        if self.newest is None:
            self.eldest = node
        else:
            self.newest.newer = node
        self.newest = node
        self.size += 1
        return node

    def remove(self, node: Node[T]) -> None:
        """Takes `node` out; its own `newer` stays as it was."""
        if node.older is None:
            self.eldest = node.newer
        else:
            node.older.newer = node.newer
        if node.newer is None:
            self.newest = node.older
        else:
            node.newer.older = node.older
        node.older = None
        node.line = None
        self.size -= 1

    def __iter__(self) -> Iterator[T]:
        """The items, the eldest first; the line must not change meanwhile."""
        node = self.eldest
        while node is not None:
            yield node.item
            node = node.newer
