"""The suite's own ground: what conftest promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import NotConfigured
from core.settings import get_settings
from models import Organization
from models.session import engine_session, org_session
from tests.people import Person


def test_organizations_see_only_themselves(make_organization: Callable[..., Organization]) -> None:
    """Two organisations made by the factory do not see each other."""
    one, two = make_organization("One"), make_organization("Two")
    with org_session(one.id) as session:
        assert [o.id for o in session.query(Organization)] == [one.id]
    with engine_session() as session:
        assert session.get(Organization, two.id) is not None


def test_a_user_belongs_to_the_organization(user: Person, organization: Organization) -> None:
    """The `user` fixture is an admin of the `organization` fixture."""
    assert (user.org_id, user.role) == (organization.id, "admin")


def test_configure_changes_settings_for_one_test(configure: Callable[..., None]) -> None:
    """A changed setting is read at once, a broken one is told by name."""
    configure(MAX_CHILDREN="3")
    assert get_settings().max_children == 3
    configure(MAX_CHILDREN="none")
    with pytest.raises(NotConfigured, match="MAX_CHILDREN"):
        get_settings()
