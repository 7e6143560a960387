# syntax=docker/dockerfile:1

# Stage one: newsbot and everything it needs, as wheels. Nothing of this stage is shipped.
FROM python:3.13-slim AS wheels
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY config config
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

# Stage two: Python, the wheels installed, the catalogue to look at and to mount over.
FROM python:3.13-slim
RUN groupadd --gid 10001 newsbot \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin newsbot \
    && install --directory --owner=10001 --group=10001 /data
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels /wheels/newsbot-*.whl
COPY config /app/config
# The name of a folder, no secret.
# hadolint ignore=DL3064
ENV NEWSBOT_CONFIG_DIR=/app/config \
    NEWSBOT_SECRETS_DIR=/run/secrets \
    PYTHONUNBUFFERED=1
# Where newsbot.sqlite3 is, unless database.url says otherwise: by variable, file or secret.
WORKDIR /data
VOLUME /data
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="newsbot" \
    org.opencontainers.image.description="News alerts for Slack and Discord: Chinese handset makers and US carriers" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
# Fails when no bot on this database has said for a minute that it is alive; a process with a
# role of its own is asked at /healthz instead, see docs/deploy/compose.cluster.yaml.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 \
    CMD ["newsbot", "doctor", "--alive"]
ENTRYPOINT ["newsbot"]
CMD ["run"]
