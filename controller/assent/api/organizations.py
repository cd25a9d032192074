"""Kind Organization: the tree of platform, partners, clients and suborganizations."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from assent.api.base import LISTED, Label, Language, Line128, Line253, Model, Resource, twice

OrganizationType = Literal["Platform", "Partner", "Client", "SubOrganization"]


class Tier(Model):
    """A tier of a product; under a `managed` one the platform itself runs the service."""

    name: Line128
    managed: bool = False


class Product(Model):
    """A product that organizations subscribe to."""

    name: Line128
    tiers: Annotated[tuple[Tier, ...], Field(max_length=32), LISTED] = ()


class Subscription(Model):
    """A product in use, active while it is listed."""

    product: Line128
    tier: Line128 | None = None


class OrganizationSpec(Model):
    """What an organization is, whose it is and what it has subscribed to."""

    type: OrganizationType
    parent: Label | None = None
    display_name: Line128 | None = None
    email: Line253 | None = None
    language: Language | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$", max_length=2)] | None = None
    sector: Line128 | None = None
    subscriptions: Annotated[tuple[Subscription, ...], Field(max_length=64), LISTED] = ()
    partner_access: Literal["Allowed", "Denied"] = "Allowed"
    categories: Annotated[tuple[Line128, ...], Field(max_length=64), LISTED] = ()
    products: Annotated[tuple[Product, ...], Field(max_length=64), LISTED] = ()

    @model_validator(mode="after")
    def _fields_of_the_type(self) -> Self:
        """Each type has its own fields, no others: a parent, subscriptions and products are not for all."""
        if self.type == "SubOrganization" and not self.parent:
            raise ValueError("a SubOrganization needs `parent`: its Client")
        if self.type in ("Platform", "Partner") and self.parent:
            raise ValueError(f"a {self.type} has no `parent`: take it out")
        if self.type == "SubOrganization" and self.subscriptions:
            raise ValueError("a SubOrganization uses its Client's subscriptions: take `subscriptions` out")
        if self.type != "Platform" and self.products:
            raise ValueError("`products` are the Platform's: take them out")
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """A product or tier that stood twice would have two answers."""
        again = twice(one.product for one in self.subscriptions) or twice(one.name for one in self.products)
        if again:
            raise ValueError(f"the product {again!r} stands twice; keep one")
        for product in self.products:
            tier = twice(one.name for one in product.tiers)
            if tier:
                raise ValueError(f"the product {product.name!r} has the tier {tier!r} twice; keep one")
        return self


class Organization(Resource):
    """A platform, partner, client or suborganization."""

    kind: Literal["Organization"] = "Organization"
    spec: OrganizationSpec = Field()
