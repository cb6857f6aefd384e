# What one can do here. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
NEW_ENOUGH := 'import sys; sys.exit(sys.version_info < (3, 11))'
STAMP := .venv/.installed-$(shell cat requirements/base.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEV_STAMP := .venv/.dev-$(shell cat requirements/dev.txt 2>/dev/null | cksum | cut -d' ' -f1)
EXAMPLE := examples/react-app
SCENARIO := examples/scenario
COMPILE = $(BIN)/pip-compile -q --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras

.DEFAULT_GOAL := help
.PHONY: help install run test check shapes news format bench bench-peers timing overload failover test-ceph test-keycloak deletions risk walk fuzz pins clients clients-more clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## Make the environment alone, in .venv, with .venv/bin/poolkeeper.

run: $(STAMP) ## Start Poolkeeper in development mode on port 7665, with SQLite under ./data.
	@$(BIN)/poolkeeper serve --dev

test: $(DEV_STAMP) clients ## Run the whole suite, on SQLite and on a PostgreSQL of its own.
	$(BIN)/pytest -n 3

check: $(DEV_STAMP) ## Lint, types, import contracts, SQL dialect, generated files.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/lint_sql.py
	$(BIN)/python tools/lint_rows.py
	$(BIN)/python tools/lint_tables.py
	$(BIN)/python tools/lint_house.py
	$(BIN)/python tools/generate_shapes.py --check
	$(BIN)/python tools/generate_docs.py --check

shapes: $(DEV_STAMP) ## Write the generated shapes and documents anew.
	$(BIN)/python tools/generate_shapes.py
	$(BIN)/python tools/generate_docs.py

news: $(DEV_STAMP) ## Print what the newest botocore changes in our services; needs the package index.
	@$(BIN)/python tools/news.py

format: $(DEV_STAMP) ## Format the code.
	$(BIN)/ruff format .

bench: $(DEV_STAMP) ## Measure, beside the peers, and write benchmarks/README.md.
	$(BIN)/python benchmarks/run.py

bench-peers: $(DEV_STAMP) ## Install the peers that `make bench` measures, each in an environment of its own.
	$(BIN)/python benchmarks/servers.py

timing: $(DEV_STAMP) ## Measure what must not tell by its time (docs/security.md).
	$(BIN)/python benchmarks/timing.py

overload: $(DEV_STAMP) ## Give sign-in, tokens and authorize ten times what they bear, and see them recover: a quarter of an hour.
	$(BIN)/python benchmarks/overload.py

failover: $(DEV_STAMP) ## Kill a PostgreSQL under load, let it change places, take its standby away, and see what is lost: two minutes.
	$(BIN)/python tests/faults/failover.py

test-ceph: $(DEV_STAMP) ## See that Ceph takes what identities show it; fetches Debian's packages into .bench once and installs none: a minute.
	$(BIN)/pytest -q tests/ceph/walk_object_store.py

test-keycloak: $(DEV_STAMP) ## See that people of a Keycloak sign in and out, over OpenID and SAML; fetches it by Maven into .bench once: three minutes.
	$(BIN)/pytest -q tests/keycloak/walk_keycloak.py

deletions: $(DEV_STAMP) ## Delete a pool of a million users, and see that another pool hardly notices: an hour; ROWS= makes it smaller.
	$(BIN)/python benchmarks/deletions.py $(if $(ROWS),--rows $(ROWS))

risk: $(DEV_STAMP) ## Try the judge of risk on made-up people and attackers, beside plain rules: some minutes; DATA= reads the public data set instead.
	$(BIN)/python benchmarks/risk_evaluation.py $(if $(DATA),--data $(DATA)) $(if $(PEOPLE),--people $(PEOPLE))

walk: $(DEV_STAMP) ## Try all ways to sign in, and to find out who exists, in orders that nobody thought of: a quarter of an hour.
	WALK_EXAMPLES=400 $(BIN)/pytest -n 2 tests/api/test_sign_in_walk.py tests/api/test_masked_flows.py tests/api/test_reset_walk.py tests/api/test_sign_up_walk.py tests/api/test_set_up_walk.py tests/api/test_step_up_walk.py

fuzz: $(DEV_STAMP) ## Call every operation with right, wrong and hostile values, 100,000 times: ten minutes; CALLS=, SEED=, ENGINE=postgresql.
	$(BIN)/python tests/api/fuzz.py $(if $(CALLS),--calls $(CALLS)) $(if $(SEED),--seed $(SEED)) $(if $(ENGINE),--engine $(ENGINE))

pins: ## Pin all dependencies anew, with hashes.
	$(COMPILE) -o requirements/base.txt requirements/base.in
	$(COMPILE) -o requirements/dev.txt requirements/dev.in
	$(COMPILE) -o $(EXAMPLE)/backend/requirements.txt $(EXAMPLE)/backend/requirements.in
	$(COMPILE) -o $(SCENARIO)/backend/requirements.txt $(SCENARIO)/backend/requirements.in

clients: node_modules/.package-lock.json ## Install the Node clients that the tests speak through.

node_modules/.package-lock.json: package-lock.json
	npm ci --silent
	@touch $@

clients-more: $(DEV_STAMP) ## See that AWS's SDKs for Go, Java and Rust, and Spring Security, work unmodified; fetches and builds them in .bench, and skips what this machine has no tools for: three minutes once, then one.
	$(BIN)/pytest -vv -rs tests/sdks/walk_sdks.py

clean: ## Remove what was made here, the data folder excepted.
	rm -rf .venv node_modules .bench .mypy_cache .ruff_cache .hypothesis build *.egg-info src/*.egg-info $(EXAMPLE)/.venv $(EXAMPLE)/node_modules $(EXAMPLE)/.vite $(addprefix $(SCENARIO)/,.venv node_modules .vite data)

# An environment counts once its pip works: what an interrupted or failed making left behind is made anew.
.venv/.made:
	@$(PYTHON) -c $(NEW_ENOUGH) 2>/dev/null || { echo "Poolkeeper needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo 'not there'): name another one, as in make run PYTHON=python3.12." >&2; exit 1; }
	@{ .venv/bin/python -c $(NEW_ENOUGH) && .venv/bin/python -m pip --version; } >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv .venv && .venv/bin/python -m pip --version; } >/dev/null 2>&1 || { rm -rf .venv; echo "$(PYTHON) cannot make an environment: install its venv module (Debian and Ubuntu: apt install python3-venv), then say make again." >&2; exit 1; }
	@touch $@

$(STAMP): .venv/.made
	@echo "Installing Poolkeeper into .venv ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): $(STAMP)
	@echo "Installing the development tools into .venv ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
