"""Memory goes back to the system once a storm has passed, and not before."""

from meetmates.memory import STORM, Tide, give_back


class Tidier:
    """Counts how often it was called."""

    def __init__(self) -> None:
        self.calls = 0
        self.tide = Tide(self._tidy)

    def _tidy(self) -> None:
        self.calls += 1

    def observe(self, *counts: int) -> int:
        for count in counts:
            self.tide.observe(count)
        return self.calls


def test_a_passed_storm_is_tidied_up_once() -> None:
    assert Tidier().observe(0, 2 * STORM, 10, 10, 10, 9, 9) == 1


def test_nothing_is_done_while_people_are_still_going() -> None:
    assert Tidier().observe(2 * STORM, 400, 200, 100, 50) == 0


def test_nothing_is_done_while_a_fourth_of_them_is_left() -> None:
    assert Tidier().observe(2 * STORM, STORM // 2, STORM // 2) == 0


def test_a_few_people_more_or_less_are_no_storm() -> None:
    assert Tidier().observe(STORM - 1, 0, 0) == 0


def test_each_storm_is_tidied_up_for_itself() -> None:
    assert Tidier().observe(2 * STORM, 0, 0, 0, 3 * STORM, 1, 1, 1) == 2


def test_a_moment_of_calm_is_not_enough() -> None:
    assert Tidier().observe(2 * STORM, 10, 10, 9, 9, 8) == 0


def test_giving_back_works_on_this_system() -> None:
    give_back()
