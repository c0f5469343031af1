# Two stages: the first builds, the second holds what runs and nothing else.
# Every package that either of them installs is pinned by version and hash, the build backend included.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_INPUT=1
WORKDIR /build

# The locks come first: as long as they stay, these layers are taken from the cache.
COPY requirements-build.lock requirements-runtime.lock ./
RUN python -m venv backend \
 && backend/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock \
 && python -m venv /opt/sd-connector \
 && /opt/sd-connector/bin/pip install --require-hashes --only-binary :all: -r requirements-runtime.lock

COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY fixtures fixtures
COPY connector connector
RUN backend/bin/python -m hatchling build -t wheel -d dist \
 && /opt/sd-connector/bin/pip install --no-index --no-deps dist/*.whl \
 && /opt/sd-connector/bin/pip check


FROM python:${PYTHON}
RUN groupadd --system --gid 10001 sd-connector \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/sd-connector \
            --shell /usr/sbin/nologin sd-connector \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/sd-connector /var/lib/sd-connector/inbox \
            /var/lib/sd-connector/inbox/shopify \
 && ln -s /var/lib/sd-connector /etc/var

COPY --from=builder /opt/sd-connector /opt/sd-connector
COPY config /etc/sd-connector

# The root file system may be read-only: what changes is under /var/lib/sd-connector. Settings name it
# by the relative path ../var, in a checkout as here, where /etc/var leads to the volume.
ENV PATH=/opt/sd-connector/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SD_CONNECTOR_CONFIG=/etc/sd-connector/connector.yaml

WORKDIR /var/lib/sd-connector
VOLUME /var/lib/sd-connector
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["sd-connector", "health"]
ENTRYPOINT ["sd-connector"]
CMD ["run"]
