# Two stages: the first builds the wheel and fetches what it stands on, the second has nothing but what runs.
# Everything that is installed is either this checkout or a file whose hash stands in requirements.lock.
ARG PYTHON=3.13.9-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock ./
# The lock file names the tools of development too; what is downloaded here is not yet installed.
RUN pip download --quiet --require-hashes --no-deps --only-binary :all: --dest /wheels --requirement requirements.lock
RUN pip install --quiet --no-index --find-links /wheels hatchling \
 && pip install --quiet --no-index --no-deps --find-links /wheels django-htmx
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY controller controller
COPY crds crds
COPY policies policies
COPY examples examples
RUN pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir /wheels .
RUN python -m venv --without-pip /opt/assent \
 && pip --python /opt/assent/bin/python install --quiet --no-index --find-links /wheels --no-compile 'assent[cluster,postgres,portal]' \
 && /opt/assent/bin/python -m compileall -q /opt/assent/lib \
 && /opt/assent/bin/assent --version

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="assent" \
      org.opencontainers.image.description="A GitOps controller for self-service with approvals." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/assent /opt/assent
# Nothing is written but to /tmp and to the ledger's folder, which the pod mounts. The user has a number and no entry in
# /etc/passwd, so its name, for which kopf asks, is said here; any other number will do as well.
ENV PATH=/opt/assent/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp USER=assent
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["assent"]
CMD ["--help"]
