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
ENV NEWSBOT_CONFIG_DIR=/app/config \
    NEWSBOT_DATABASE_URL=sqlite:////data/newsbot.sqlite3 \
    PYTHONUNBUFFERED=1
WORKDIR /app
VOLUME /data
USER 10001:10001
# Fails when the scheduler has not said for a minute that it is alive.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 \
    CMD ["newsbot", "doctor", "--alive"]
ENTRYPOINT ["newsbot"]
CMD ["run"]
