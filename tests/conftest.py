"""The order of the tests, and the complete run that slow ones start from."""

import pytest
from rerun_tools import new_house


def pytest_collection_modifyitems(items):
    """Put the fast tests first, so that a plain fault shows within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A complete run of the small review, which tests copy."""
    house = new_house(tmp_path_factory.mktemp("base") / "house")
    done = house.run(cores=2)
    assert done.code == 0, done.out + done.err
    return house
