"""Job kinds from recipes: each module of a pure room that says `recipe = Recipe(...)` is one kind."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import uuid
from types import ModuleType

from pydantic import Field, create_model

from core.params import Params
from pipelines.recipe import Kitchen, Made, Product, Recipe
from tasks.asset_files import AssetFile, wanted_assets
from tasks.model_weights import local_weight
from tasks.new_assets import save_asset
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class Output(Params):
    """What every recipe's job takes besides the recipe's own params."""

    name: str | None = Field(default=None, min_length=1, max_length=200, description="name of the asset that is made")


def declare(room: ModuleType) -> list[JobKind]:
    """A kind for each recipe of the room's modules."""
    names = sorted(module.name for module in pkgutil.iter_modules(room.__path__))
    modules = [importlib.import_module(f"{room.__name__}.{name}") for name in names]
    return [_declared(module.recipe) for module in modules if isinstance(getattr(module, "recipe", None), Recipe)]


def _declared(recipe: Recipe) -> JobKind:
    params = create_model(recipe.params.__name__, __base__=(recipe.params, Output), __doc__=recipe.params.__doc__)
    kind = JobKind(recipe.name, params, summary=recipe.summary, version=recipe.version)
    step = recipe.name.rpartition(".")[2]

    @kind.step(pool=recipe.pool, deadline=recipe.deadline, max_attempts=3, name=step)
    def make(ctx: StepContext, given: Output) -> Outcome:
        assets = wanted_assets(ctx, given)
        return saved(ctx, recipe.make(given, kitchen(ctx, assets)), given.name, assets)

    return kind


def kitchen(ctx: StepContext, assets: dict[uuid.UUID, AssetFile]) -> Kitchen:
    """What a recipe works with inside a step: the assets' files, the step's folder, processes, progress, and weights."""
    files = {asset_id: asset.path for asset_id, asset in assets.items()}
    return Kitchen(files, ctx.workdir, ctx.process, ctx.progress, functools.partial(local_weight, ctx))


def saved(
    ctx: StepContext, made: Made, name: str | None, sources: dict[uuid.UUID, AssetFile], *, simulated: bool = False
) -> dict[str, object]:
    """The products as assets, written when the step is done; the step's output. simulated: whether the sandbox had a hand in it."""
    simulated = simulated or any(asset.simulated for asset in sources.values())
    return {**made.facts, "assets": [_asset(ctx, product, name, simulated) for product in made.products], "simulated": simulated}


def _asset(ctx: StepContext, product: Product, name: str | None, simulated: bool) -> dict[str, object]:
    blob = ctx.keep(product.path, product.path.name, product.media_type)
    wanted = name or product.name
    return save_asset(
        ctx, blob, name=wanted, role=product.role, concept_id=None, simulated=simulated, facts=product.facts, local=product.path
    )
