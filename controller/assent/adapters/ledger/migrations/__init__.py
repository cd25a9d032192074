"""The ledger's migrations, found by the package's own path, so that an installed wheel has them."""
