# One image for every process; docker-compose.yml names the command of each.
FROM python:3.12-slim-bookworm AS packages
COPY requirements /tmp/requirements
WORKDIR /tmp/requirements
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r core.lock -r mmm.lock -r vision.lock \
 && /venv/bin/pip install --no-cache-dir -r torch.txt

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --create-home drumbeat && install -d -o drumbeat /var/lib/drumbeat
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATE_DIR=/var/lib/drumbeat
USER drumbeat
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "python:api.serving", "--bind", "0.0.0.0:8000", "api.wsgi:app"]
