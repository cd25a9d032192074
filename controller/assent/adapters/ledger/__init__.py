"""The ledger: what was observed, decided, claimed, acted and ended, one record after the other, for ever.

Every record is chained to the one before and sealed with a key that lies outside ledger and repository; how far the
chain reaches is anchored beside that key. What was edited, dropped, reordered, forged or cut off is named, and nothing
is executed on it.
May import: api, errors, SQLAlchemy; Alembic only inside the function that migrates.
"""

from assent.adapters.ledger.key import default_key
from assent.adapters.ledger.ledger import Ledger, Verified

__all__ = ["Ledger", "Verified", "default_key"]
