# Everything is in house.py, which also runs where there is no make: python house.py run
PYTHON ?= python3

.PHONY: run test check clean
.NOTPARALLEL:

run test:
	@$(PYTHON) house.py $@ $(ARGS)

check clean:
	@$(PYTHON) house.py $@
