"""/account: one's own name, password and organisations."""

from __future__ import annotations

from api.auth import me
from api.pages.frame import routes, show


@routes.get("/account")
def account() -> str:
    return show("account.html", account=me.show())
