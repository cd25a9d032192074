"""The time in which no operator runs: the webhook's configuration stays, and lets nothing in."""

from datetime import UTC, datetime

from cluster.guarded import House, configured, operating


def test_rule_22_no_window_opens_while_the_operator_is_away(plane, tmp_path):
    """Nobody writes configuration, entitled or not, until the operator is back; then all goes on."""
    house = House(plane, tmp_path)
    house.declare()
    try:
        with configured(house):
            house.keeper.look(datetime.now(UTC))
            with operating(house):
                before = house.attempt()
            away = [house.attempt(by) for by in (house.bea, house.otto, "stranger", "admin")]
            with operating(house):
                after = house.attempt()
    finally:
        house.clean()

    assert ["", ""] == [before, after]
    assert [True] * 4 == ['failed calling webhook "ceiling.assent.dev"' in one for one in away]
