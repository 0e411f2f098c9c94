# Makefile of limn. `make help` lists what it can do.

# ---- settings: change here, on the command line, or in local.mk -----------------------------
-include local.mk
CC       ?= gcc
MODE     ?= release
PREFIX   ?= /usr/local
DESTDIR  ?=
WERROR   ?= -Werror
# ---- end of settings --------------------------------------------------------------------------

VERSION  := 0.1.0
SO       := 0
B        := build/$(MODE)
LUA_PC   := lua5.4
LIBS_PC  := openblas lapacke libzip
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
OPT.release := -O3 -g
OPT.debug   := -O0 -g3 -DLIMN_DEBUG
OPT.asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DLIMN_DEBUG
OPT.tsan    := -O1 -g -fsanitize=thread -DLIMN_DEBUG
OPT.cover   := -O0 -g --coverage -DLIMN_DEBUG
LDOPT.asan  := -fsanitize=address,undefined
LDOPT.tsan  := -fsanitize=thread
LDOPT.cover := --coverage

PC        = $(shell pkg-config $(1))
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc/core
# No fused multiply-add behind our back and no -ffast-math: a result is the same on every path.
CFLAGS   += -std=c17 $(OPT.$(MODE)) $(WARN) -fPIC -fvisibility=hidden -ffp-contract=off -pthread
LDFLAGS  += $(LDOPT.$(MODE)) -pthread

CORE_SRC := $(wildcard src/core/*.c)
NUM_SRC  := $(wildcard src/num/*.c src/num/kernels/*.c)
BIND_SRC := $(wildcard src/bind/*.c)
HOST_SRC := $(wildcard src/host/*.c)
TEST_SRC := $(wildcard tests/c/*.c)
obj       = $(patsubst src/%.c,$(B)/obj/%.o,$(1))
LIB_OBJ  := $(call obj,$(CORE_SRC) $(NUM_SRC))
BIND_OBJ := $(call obj,$(BIND_SRC))
HOST_OBJ := $(call obj,$(HOST_SRC))
MAIN_OBJ := $(B)/obj/host/main.o
TESTS    := $(patsubst tests/c/%.c,$(B)/tests/%,$(TEST_SRC))
SONAME   := liblimn.so.$(SO)
SHARED   := $(B)/liblimn.so.$(VERSION)

.PHONY: all deps demo demo-run test test-run test-c test-lua asan asan-run valgrind bench lint format \
        arch install uninstall clean help test-cluster docs
.DEFAULT_GOAL := all

all: ## build the library, the Lua module and the program
	@src/tools/deps.sh check build
	@$(MAKE) --no-print-directory build-all

build-all: $(SHARED) $(B)/liblimn.a $(B)/liblimn-lua.a $(B)/limn.so $(B)/limn

deps: ## install what building, testing and linting need
	@src/tools/deps.sh install build test lint docs

demo: ## build, run the main experiment, write its figure (installs what is missing)
	@src/tools/deps.sh install build
	@$(MAKE) --no-print-directory -j$$(nproc) build-all
	@$(MAKE) --no-print-directory demo-run

demo-run:
	@$(B)/limn scripts/complexity_vs_data.lua --out out

test: ## run every test (installs what is missing)
	@src/tools/deps.sh install build test
	@$(MAKE) --no-print-directory -j$$(nproc) build-all test-programs
	@$(MAKE) --no-print-directory test-run

test-programs: $(TESTS)

test-run: arch test-c test-lua

test-c: test-programs build-all
	@src/tools/run_tests.sh c $(B)

test-lua: build-all
	@src/tools/run_tests.sh lua $(B)

asan: ## the whole suite under AddressSanitizer and UBSan
	@src/tools/deps.sh install build test
	@$(MAKE) --no-print-directory -j$$(nproc) MODE=asan build-all test-programs
	@$(MAKE) --no-print-directory MODE=asan test-c test-lua

arch: ## check that every #include points down
	@src/tools/arch.sh

lint: arch ## formatters and static checks
	@src/tools/deps.sh install build lint
	@src/tools/lint.sh

format: ## rewrite C sources in the house style
	@clang-format -i $$(git ls-files '*.c' '*.h')

bench: ## limn and its peers side by side (installs the peers)
	@src/tools/deps.sh install build bench
	@$(MAKE) --no-print-directory -j$$(nproc) build-all
	@src/tools/bench.sh $(B)

# ---- compiling ----------------------------------------------------------------------------------
$(B)/obj/bind/%.o: CPPFLAGS += $(call PC,--cflags $(LUA_PC) sqlite3 jansson libxxhash) -Isrc/bind
$(B)/obj/host/%.o: CPPFLAGS += $(call PC,--cflags $(LUA_PC) libedit) -Isrc/bind -Isrc/host
$(B)/obj/num/%.o:  CPPFLAGS += $(call PC,--cflags $(LIBS_PC)) -Isrc/num
$(B)/obj/num/kernels/%.o: CPPFLAGS += -Isrc/num/kernels
ISA_avx2   := -mavx2 -mfma -mbmi2 -mpopcnt
ISA_avx512 := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vpopcntdq -mavx2 -mfma -mbmi2 -mpopcnt -mprefer-vector-width=512
isa         = $(ISA_$(lastword $(subst _, ,$(basename $(notdir $(1))))))

$(B)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(call isa,$<) -MMD -MP -c $< -o $@

$(SHARED): $(LIB_OBJ)
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,--no-undefined $(LDFLAGS) $^ -o $@ $(call PC,--libs $(LIBS_PC)) -lm
	ln -sf $(@F) $(B)/$(SONAME)
	ln -sf $(@F) $(B)/liblimn.so

$(B)/liblimn.a: $(LIB_OBJ)
	rm -f $@; ar rcs $@ $^

$(B)/liblimn-lua.a: $(BIND_OBJ) $(filter-out $(MAIN_OBJ),$(HOST_OBJ))
	rm -f $@; ar rcs $@ $^

# The Lua module: links liblimn, never liblua (the stock interpreter has its own inside).
$(B)/limn.so: $(BIND_OBJ) $(SHARED)
	$(CC) -shared $(LDFLAGS) $(BIND_OBJ) -o $@ -L$(B) -llimn -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../..' $(call PC,--libs sqlite3 jansson libxxhash) -lm

# The program links no numerics: `require "limn"` loads limn.so, so plain scripts start at once.
$(B)/limn: $(HOST_OBJ) $(B)/limn.so
	$(CC) $(LDFLAGS) -Wl,-E $(HOST_OBJ) -o $@ $(call PC,--libs $(LUA_PC) libedit) -lm -ldl

$(B)/tests/%: tests/c/%.c $(SHARED) $(wildcard tests/c/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/c $(filter-out -fvisibility=hidden -Wmissing-prototypes,$(CFLAGS)) -Wno-conversion -Wno-shadow $< -o $@ $(LDFLAGS) -L$(B) -llimn -Wl,-rpath,'$$ORIGIN/..' $(call PC,--libs criterion) -lm

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)

clean: ## remove build/ and out/
	rm -rf build out

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
