# Every target only calls run.py, so that a machine without make has the same commands:
# python3 run.py [test | reproduce | bench | new | check | explain | docs | lint | lock]
#
#   make                             set up once, then pool the shipped review
#   make REVIEW=examples/bcg         pool another review
#   make test ARGS="-k locks"        ARGS goes to pytest, or to Snakemake
#   make explain EFFECT=winhusen2020-06
#   make PYTHON=python3.12 CORES=4

PYTHON ?= python3
REVIEW ?= .
CORES ?=
ARGS ?=
EFFECT ?=

review = --review "$(REVIEW)" $(if $(CORES),--cores $(CORES))
more = $(if $(ARGS),-- $(ARGS))

.PHONY: run test reproduce bench new check explain docs lint lock

run:
	$(PYTHON) run.py run $(review) $(more)

test:
	$(PYTHON) run.py test $(more)

reproduce:
	$(PYTHON) run.py reproduce $(review) $(more)

bench:
	$(PYTHON) run.py bench $(more)

new:
	$(PYTHON) run.py new --review "$(REVIEW)" $(more)

check:
	$(PYTHON) run.py check --review "$(REVIEW)" $(more)

explain:
	$(PYTHON) run.py explain --review "$(REVIEW)" $(EFFECT) $(more)

docs:
	$(PYTHON) run.py docs

lint:
	$(PYTHON) run.py lint

lock:
	$(PYTHON) run.py lock $(more)
