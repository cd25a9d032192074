"""The marker of the fuzz targets, so that `pytest -m fuzz` runs them alone."""


def pytest_configure(config):
    config.addinivalue_line("markers", "fuzz: tries made-up inputs for ASSENT_FUZZ_SECONDS seconds")
