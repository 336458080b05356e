"""/experiments: all of them, a new one, and one with its readings."""

from __future__ import annotations

import uuid

from api.experiments import views
from api.experiments.schemas import ExperimentsQuery
from api.pages.frame import queried, routes, show
from api.schemas import ById


@routes.get("/experiments")
def experiments() -> str:
    query = queried(ExperimentsQuery)
    return show("experiments.html", page=views.index(query), query=query)


@routes.get("/experiments/new")
def new_experiment() -> str:
    return show("experiment_new.html")


@routes.get("/experiments/<uuid:id>")
def experiment(id: uuid.UUID) -> str:
    return show("experiment.html", experiment=views.show(ById(id=id)))
