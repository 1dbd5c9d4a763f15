"""The ports of one process that shares with nobody: plain tables in memory."""

from meetmates.ports import Standing

CLEAN = Standing()


class MemorySafety:
    """`ports.Safety` in two tables."""

    def __init__(self) -> None:
        self._blocks: set[tuple[str, str]] = set()
        self._standings: dict[str, Standing] = {}

    def may_meet(self, one: str, other: str) -> bool:
        """False once either has blocked the other."""
        return (one, other) not in self._blocks

    def standing(self, account: str) -> Standing:
        """What is held against `account`."""
        return self._standings.get(account, CLEAN)

    def block(self, blocker: str, blocked: str) -> None:
        """Kept both ways round, so that asking costs one look."""
        self._blocks |= {(blocker, blocked), (blocked, blocker)}

    def set_standing(self, account: str, standing: Standing) -> None:
        """Replaces what is held against `account`."""
        if standing == CLEAN:
            self._standings.pop(account, None)
        else:
            self._standings[account] = standing
