# Two stages: a virtual environment from hash-pinned wheels, then that environment on a bare Python.
# REQUIREMENTS=sandbox adds what the made-up providers need (profile `demo` in docker-compose.yml).
FROM python:3.13-slim AS build
ARG REQUIREMENTS=run
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/ajantasa
COPY requirements/ requirements/
RUN /opt/ajantasa/bin/pip install --quiet --require-hashes -r requirements/${REQUIREMENTS}.txt
COPY pyproject.toml README.md LICENSE ./
COPY sync/ sync/
COPY adapters/ adapters/
COPY config/ config/
# The package itself, from this folder; what builds and installs it is not needed any more afterwards.
RUN /opt/ajantasa/bin/pip install --quiet --no-deps --no-build-isolation . \
    && /opt/ajantasa/bin/pip uninstall --quiet --yes setuptools pip

FROM python:3.13-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="ajantasa" \
      org.opencontainers.image.description="Keeps an organisation's customer register right, and proves it." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# Numeric, so that an orchestrator can see that it is not root. /etc/ajantasa: configuration, mounted read-only.
# /var/lib/ajantasa: what is written (SQLite, and beside it the copy that an erasure makes of it); nothing else needs to be
# writable but /tmp.
RUN mkdir -p /etc/ajantasa /var/lib/ajantasa && chown 10001:10001 /var/lib/ajantasa
COPY --from=build /opt/ajantasa /opt/ajantasa
ENV PATH=/opt/ajantasa/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    SQLITE_TMPDIR=/var/lib/ajantasa \
    AJANTASA_CONFIG=/etc/ajantasa/ajantasa.toml \
    AJANTASA_WEB__HOST=0.0.0.0 \
    AJANTASA_WEB__PORT=8080
USER 10001:10001
WORKDIR /var/lib/ajantasa
VOLUME /var/lib/ajantasa
EXPOSE 8080
STOPSIGNAL SIGTERM
# 4xx and 5xx raise, and Python then ends with status 1.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
ENTRYPOINT ["ajantasa"]
CMD ["run"]
