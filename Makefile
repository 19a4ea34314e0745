# make run: everything needed, then the product. make test: all tests. See README.md.
SHELL := /bin/bash
PY := .venv/bin/python
UV := .uv/bin/uv

.PHONY: setup-dev lint test messages

.uv/bin/uv:
	python3 -m pip install -q --target .uv uv

.venv/dev.stamp: requirements/dev.txt | .uv/bin/uv
	test -x $(PY) || $(UV) venv -q .venv --python 3.11
	$(UV) pip sync -q --require-hashes requirements/dev.txt
	touch $@

setup-dev: .venv/dev.stamp
	$(PY) tools/messages.py --compile

lint: setup-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	APP_ENV=test $(PY) manage.py makemigrations --check --dry-run
	$(PY) tools/messages.py --check

test: setup-dev
	APP_ENV=test $(PY) -m pytest -q

messages: setup-dev
	$(PY) tools/messages.py
