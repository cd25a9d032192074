"""People who ask and decide on a ground, in one line each; behind each the controller comes to rest."""

from controller import declared

MARIA, INGRID = "maria@acme.example", "ingrid@platform.example"
REQUEST = "requests/acme/vdi"


def ask(ground, driver, microservice, by="juan", name="vdi", **spec):
    """A request of somebody's, seen by the controller."""
    ground.commit(by, declared.request(name, microservice, f"{by}@acme.example", **spec))
    return driver.rest()


def line(driver, username, name="vdi"):
    return f"approve as {username} for {driver.digest(name)}"


def approve(ground, driver, by, username=None, name="vdi", **options):
    """A commit with an approval of the present digest, then passes until nothing moves."""
    username = username or next(f"{by}@{place}.example" for who, (place, _) in declared.PEOPLE.items() if who == by)
    ground.decide(by, name, line(driver, username, name), **options)
    return driver.rest()


def by_merge(ground, driver, by, name="vdi"):
    """An approval by a signed commit that carries the trailer, and nothing else."""
    ground.commit(by, message=f"Merge it\n\nAssent-Approve: acme/{name} {driver.digest(name)}\n")
    return driver.rest()


def words(driver, name="vdi"):
    return [word for _, word in driver.uncounted(name)]
