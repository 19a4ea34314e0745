# make run: everything needed, then the product. make test: all tests. See README.md.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev test lint bench demo-reset messages
PYTHON3 ?= python3
PY := .venv/bin/python

help:
	@echo "make run         set up, then serve on http://127.0.0.1:8000 (PORT, HOST, DEMO=0; see .env.example)"
	@echo "make test        set up, then all tests: SQLite, PostgreSQL, browser"
	@echo "make lint        style, types, import order, migrations, translations"
	@echo "make setup       what manage.py needs, and nothing more"
	@echo "make messages    collect the strings to be translated, compile what is"
	@echo "make bench       the benchmarks (long)"
	@echo "make demo-reset  throw the local demo company away; the next make run makes a new one"

run:
	@exec $(PYTHON3) -m tools.run

setup:
	@$(PYTHON3) -m tools.steps run

setup-dev:
	@$(PYTHON3) -m tools.steps test

test:
	@$(PYTHON3) -m tools.check test

lint:
	@$(PYTHON3) -m tools.check lint

bench: setup-dev
	@$(PY) -m bench

demo-reset: setup
	@$(PY) -m tools.demo_reset

messages: setup-dev
	@$(PY) tools/messages.py
