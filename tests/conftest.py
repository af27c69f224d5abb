"""The order of the tests, and the complete run that slow ones start from."""

import pytest
from rerun_tools import new_house


def pytest_collection_modifyitems(items):
    """Put what starts the reruns first, then the fast tests, so that a plain fault shows soon; what waits is last."""
    items.sort(key=_turn)


def _turn(item):
    """Return 0 for the test that starts the reruns, 3 for those that wait for them, 1 and 2 for fast and slow ones."""
    if "told" in item.fixturenames:
        return 0 if item.name.startswith("test_stories_start") else 3
    return 1 if item.get_closest_marker("slow") is None else 2


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A complete run of the small review, which tests copy."""
    house = new_house(tmp_path_factory.mktemp("base") / "house")
    done = house.run(cores=2)
    assert done.code == 0, done.out + done.err
    return house
