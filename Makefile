# Makefile of limn. `make help` lists the targets.

# ---- settings: change here, on the command line, or in local.mk -----------------------------
-include local.mk
CC       ?= gcc
MODE     ?= release
PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
DESTDIR  ?=
WERROR   ?= $(if $(wildcard .git),-Werror)# an error in a clone; a released tarball builds with any compiler
PKG_CONFIG ?= pkg-config
OBJCOPY  ?= objcopy
# ---- end of settings --------------------------------------------------------------------------

VERSION  := $(shell sed -n 's/^.define LIMN_VERSION "\(.*\)"/\1/p' include/limn/status.h)
B        := build/$(MODE)
LUA_PC   := lua5.4
LIBS_PC  := openblas lapacke libzip zlib
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
OPT.release := -O3 -g
OPT.debug   := -O0 -g3 -DLIMN_DEBUG
OPT.asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DLIMN_DEBUG
OPT.tsan    := -O1 -g -fsanitize=thread -DLIMN_DEBUG
OPT.cover   := -O0 -g --coverage -DLIMN_DEBUG
OPT.fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDOPT.fuzz  := -fsanitize=fuzzer,address,undefined
LDOPT.asan  := -fsanitize=address,undefined
LDOPT.tsan  := -fsanitize=thread
LDOPT.cover := --coverage

PC        = $(shell $(PKG_CONFIG) $(1))
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc
# No implicit fused multiply-add and no -ffast-math: all code paths give the same result.
# Paths in the debug information are relative: two folders give equal bytes.
CFLAGS   += -std=c17 $(OPT.$(MODE)) $(WARN) -ffile-prefix-map=$(CURDIR)=. -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -pthread
LDFLAGS  += $(LDOPT.$(MODE)) -pthread

# Rooms: every .c file below a layer's folder belongs to the layer (make arch prints them).
sources   = $(sort $(shell find src/$(1) -name '*.c'))
CORE_SRC := $(call sources,core)
SYS_SRC  := $(call sources,sys)
NUM_SRC  := $(call sources,num)
BIND_SRC := $(call sources,bind)
HOST_SRC := $(call sources,host)
TEST_SRC := $(sort $(shell find tests/c -name 'test_*.c'))
obj       = $(patsubst src/%.c,$(B)/obj/%.o,$(1))
NUM_OBJ  := $(call obj,$(CORE_SRC) $(NUM_SRC))
SYS_OBJ  := $(call obj,$(SYS_SRC))
BIND_OBJ := $(call obj,$(BIND_SRC))
HOST_OBJ := $(call obj,$(HOST_SRC)) $(addprefix $(B)/obj/bind/,error.o embedded.o)
MAIN_OBJ := $(B)/obj/host/main.o
HOST_API := $(addprefix limn_,open open_with open_at open_sandboxed new close repl config_default lua_memory_used)# as in limn/host.h
HOST_SYS := $(addprefix $(B)/obj/sys/,duration.o progress_bar.o confine.o) $(call obj,$(call sources,sys/line))# the parts of src/sys that the program uses
TESTS    := $(addprefix $(B)/tests/,$(basename $(notdir $(TEST_SRC))))
SONAME   := liblimn.so.$(basename $(VERSION))# before 1.0 every minor version may change the interface
SHARED   := $(B)/liblimn.so.$(VERSION)

.PHONY: FORCE all need deps demo reproduce check test ci test-cluster test-random mutants mutate asan coverage fuzz lint format bench docs dist same-bytes install install-lua uninstall arch clean help
.DEFAULT_GOAL := all

# All cores, unless -j is given; a short line per command, unless V=1.
ifeq ($(filter -j%,$(MAKEFLAGS))$(filter-out 0,$(MAKELEVEL)),)
MAKEFLAGS += -j$(shell nproc)
endif
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2);)

# These goals install missing packages; the others only list them (see src/tools/deps.sh).
INSTALLING := $(filter demo check test ci mutants mutate coverage fuzz asan lint bench deps docs,$(MAKECMDGOALS))
NEEDED     := build $(if $(filter check test ci test-% mutants mutate coverage asan deps $(B)/tests/%,$(MAKECMDGOALS)),test) \
              $(if $(filter lint ci deps,$(MAKECMDGOALS)),lint) $(if $(filter bench,$(MAKECMDGOALS)),bench) $(if $(filter fuzz,$(MAKECMDGOALS)),fuzz) \
              $(if $(filter docs deps,$(MAKECMDGOALS)),docs) $(if $(filter ci deps,$(MAKECMDGOALS)),notebook)

# The manual is built where scdoc is installed, or by goals that install it.
MANUAL := $(if $(filter check test ci asan docs deps,$(INSTALLING))$(shell command -v scdoc),$(B)/limn.1)

all: $(SHARED) $(B)/liblimn.a $(B)/liblimn-lua.a $(B)/liblimn-full.a $(B)/limn.so $(B)/limn $(MANUAL) ## build the library, the Lua module and the program

need:
	@src/tools/deps.sh $(if $(INSTALLING),install,check) $(NEEDED)

deps: need ## install the packages for building, testing, linting and the manual

demo: all ## build, run the main experiment, write its figure (installs missing packages)
	@$(B)/limn scripts/complexity_vs_data.lua --out out --fresh

reproduce: all ## run every script with claims, write out/report.html, .pdf and ledger.json; resumes
	@$(B)/limn scripts/ledger.lua --out out $(addprefix --faults ,$(wildcard $(B)/../mutants.json))

check: arch all $(TESTS) ## the tests that are not marked slow, under half a minute after the build
	@src/tools/run_tests.sh check $(B)

test: arch all $(TESTS) ## every test, or one: SPEC=ridge, SPEC=test_regress (installs missing packages)
	@src/tools/run_tests.sh $(if $(SPEC),one,all) $(B) $(SPEC)

ci: arch all $(TESTS) ## the job of continuous integration: every test, again with LIMN_ISA=ref, then lint
	@bad=0; src/tools/run_tests.sh ci $(B) || bad=1; src/tools/lint.sh || bad=1; exit $$bad

test-cluster: all ## a sweep under Slurm and mpirun on this machine gives the same table (installs them; needs root)
	@tests/cluster/run.sh $(B)

mutants: all ## whether ledgers and tests notice deliberate faults, or one: ONLY=name (about 40 minutes)
	@MUTANTS_CC='$(CC)' nice $(B)/limn tests/mutants/run.lua --build $(B) $(if $(ONLY),--only $(ONLY))

test-random: $(B)/battery ## statistical tests of the random streams, alone and interleaved: LOG2=26 words from each source
	@$(B)/battery '$(or $(LOG2),26)' $(SOURCE)

mutate: all ## random faults of one token each: COUNT=300, SEED=1; survivors are listed in build/mutated.md
	@MUTANTS_CC='$(CC)' MUTATE_COUNT='$(or $(COUNT),300)' MUTATE_SEED='$(or $(SEED),1)' nice $(B)/limn tests/mutants/run.lua \
	  --build $(B) --faults tests/mutants/sampled.lua --dir $(CURDIR)/build/mutated

asan: need ## the whole suite under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory MODE=asan test

coverage: need ## lines and branches that the tests run, of C and Lua: SET=all, or SPEC='ridge test_regress'
	@$(MAKE) --no-print-directory MODE=cover all $(TESTS:$(B)/%=build/cover/%)
	@src/tools/coverage.sh build/cover '$(if $(SPEC),one,$(or $(SET),all))' '$(SPEC)'

fuzz: need ## random inputs for every reader under ASan and UBSan (clang): RUNS=20000, ONLY=csv
	@$(MAKE) --no-print-directory MODE=fuzz CC='$(FUZZ_CC)' WERROR= build/fuzz/fuzz
	@src/tools/fuzz.sh build/fuzz '$(or $(RUNS),20000)' '$(ONLY)'

lint: need arch ## formatters and static checks
	@src/tools/lint.sh

format: ## rewrite C sources in the house style
	@clang-format -i $$(git ls-files '*.c' '*.h')

bench: all ## benchmark of limn and comparable libraries (installs those)
	@src/tools/bench.sh $(B)

install: all ## copy program, libraries, module, headers to DESTDIR/PREFIX
	@src/tools/install.sh $(B) $(VERSION) "$(DESTDIR)" "$(PREFIX)" "$(LIBDIR)"

# For LuaRocks (limn-*.rockspec); LUADIR and LUA_LIBDIR are folders of one Lua module each.
install-lua: $(B)/limn.so ## copy only the Lua files to LUADIR and the module to LUA_LIBDIR
	@[ -n '$(LUADIR)' ] && [ -n '$(LUA_LIBDIR)' ] || { echo 'make: install-lua needs LUADIR=folder and LUA_LIBDIR=folder' >&2; exit 2; }
	@mkdir -p '$(LUADIR)' '$(LUA_LIBDIR)'
	@cp -R lua/limn '$(LUADIR)/'
	@install -m 755 $(B)/limn.so '$(LUA_LIBDIR)/limn.so'

uninstall: ## remove the installed files
	@src/tools/install.sh --remove "$(DESTDIR)" "$(PREFIX)"

TARBALL := $(B)/limn-$(VERSION).tar.gz
dist: ## a tarball of the last commit, which builds without git and without a network
	@mkdir -p $(B)
	git archive --prefix=limn-$(VERSION)/ HEAD | gzip -n >$(TARBALL)
	@echo $(TARBALL)

same-bytes: need ## build the last commit in two folders and compare libraries, module and program (some minutes)
	@CC='$(CC)' nice src/tools/same_bytes.sh

docs: all ## reference and tutorial (HTML, Markdown) and the manual page, in build/*/docs
	@$(B)/limn docs $(B)/docs

$(B)/limn.1: src/tools/limn.1.scd include/limn/status.h | need
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< | scdoc >$@

arch: ## print the rooms and their permitted dependencies; fail on any other dependency and on a cycle
	@src/tools/arch.sh $(if $(filter arch,$(MAKECMDGOALS)),,--quiet)

# ---- compiling ----------------------------------------------------------------------------------
$(B)/obj/bind/%.o: CPPFLAGS += $(call PC,--cflags $(LUA_PC) sqlite3 jansson)
$(B)/obj/sys/%.o:  CPPFLAGS += $(call PC,--cflags libxxhash)
$(B)/obj/host/%.o: CPPFLAGS += $(call PC,--cflags $(LUA_PC))
$(B)/obj/num/%.o:  CPPFLAGS += $(call PC,--cflags $(LIBS_PC))
# Elementary functions compute two vectors side by side: gcc interleaves their chains of dependent operations.
$(B)/obj/num/simd/functions/%.o: CFLAGS += $(if $(findstring clang,$(CC)),,-fschedule-insns)
# A change of PREFIX or LIBDIR rebuilds what contains them.
$(B)/obj/host/paths.o: CPPFLAGS += -DLIMN_PREFIX='"$(PREFIX)"' -DLIMN_LIBDIR='"$(LIBDIR)"'
$(B)/obj/host/paths.o: $(B)/places
$(B)/places: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX) $(LIBDIR)' | cmp -s - $@ || echo '$(PREFIX) $(LIBDIR)' >$@
FORCE:
# Training loops may fuse multiply and add: instruction sets agree to rounding there.
$(B)/obj/num/simd/mlp/%.o: CFLAGS += -ffp-contract=fast
$(B)/obj/num/simd/patterns/%.o: CFLAGS += -ffp-contract=fast
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)# elsewhere these files are empty, and the portable loops run
ISA_avx2   := -mavx2 -mfma -mbmi2 -mpopcnt
ISA_avx512 := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vpopcntdq -mavx2 -mfma -mbmi2 -mpopcnt -mprefer-vector-width=512
endif
isa         = $(ISA_$(lastword $(subst _, ,$(basename $(notdir $(1))))))

$(B)/obj/%.o: src/%.c Makefile | need
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(call isa,$<) -MMD -MP -c $< -o $@

# Exports the functions that the public headers declare. The archive supplies the parts of src/sys that src/num calls.
$(SHARED): $(NUM_OBJ) $(B)/liblimn.a $(B)/liblimn.map
	$(call say,LINK,$@)
	$(Q)$(CC) -shared -Wl,-soname,$(SONAME) -Wl,--no-undefined -Wl,--version-script=$(B)/liblimn.map $(LDFLAGS) \
	  $(NUM_OBJ) $(B)/liblimn.a -o $@ $(call PC,--libs $(LIBS_PC)) -lm
	@ln -sf $(@F) $(B)/$(SONAME)
	@ln -sf $(@F) $(B)/liblimn.so

$(B)/liblimn.map: src/tools/exports.sh $(wildcard include/limn/*.h)
	@mkdir -p $(@D)
	$(Q)src/tools/exports.sh >$@

$(B)/liblimn.a: $(NUM_OBJ) $(SYS_OBJ)
	@rm -f $@; $(AR) rcs $@ $^

# One object; only the functions that limn/host.h declares are visible to a program that links it.
$(B)/liblimn-lua.a: $(filter-out $(MAIN_OBJ),$(HOST_OBJ)) $(HOST_SYS)
	@rm -f $@
	$(Q)$(CC) -r -nostdlib $^ -o $(B)/obj/liblimn-lua.o
	$(Q)$(OBJCOPY) $(addprefix --keep-global-symbol=,$(HOST_API)) $(B)/obj/liblimn-lua.o
	@$(AR) rcs $@ $(B)/obj/liblimn-lua.o

# For programs in one file: the bindings, the numerics and limn's Lua files in one archive.
LUA_FILES := $(sort $(shell find lua/limn -name '*.lua' -o -name '*.csv'))
$(B)/lua_files.c: src/tools/embed.sh Makefile $(LUA_FILES)
	@mkdir -p $(@D)
	$(Q)src/tools/embed.sh $(LUA_FILES) >$@
$(B)/obj/lua_files.o: $(B)/lua_files.c
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
FULL_OBJ := $(filter-out $(MAIN_OBJ),$(HOST_OBJ)) $(BIND_OBJ) $(NUM_OBJ) $(SYS_OBJ) $(B)/obj/lua_files.o
$(B)/liblimn-full.a: $(sort $(FULL_OBJ)) $(B)/liblimn.map
	@rm -f $@
	$(call say,LINK,$@)
	$(Q)$(CC) -r -nostdlib $(filter %.o,$^) -o $(B)/obj/liblimn-full.o
	$(Q)sed -n 's/^ *\(limn_[a-z0-9_]*\);$$/\1/p' $(B)/liblimn.map | tr ' ' '\n' >$(B)/full.names
	$(Q)printf '%s\n' $(HOST_API) luaopen_limn luaopen_limn_native >>$(B)/full.names
	$(Q)$(OBJCOPY) --keep-global-symbols=$(B)/full.names $(B)/obj/liblimn-full.o
	@$(AR) rcs $@ $(B)/obj/liblimn-full.o

# The Lua module: the numerics are linked in and hidden. liblua is not linked: the stock interpreter contains one.
$(B)/limn.so: $(BIND_OBJ) $(B)/liblimn.a
	$(call say,LINK,$@)
	$(Q)$(CC) -shared -Wl,--exclude-libs,ALL $(LDFLAGS) $(BIND_OBJ) $(B)/liblimn.a -o $@ \
	  $(call PC,--libs $(LIBS_PC) sqlite3 jansson) -lm

# The program links no numerics: `require "limn"` loads limn.so, so plain scripts start without delay. C modules find
# lua_* in the shared liblua, or in the program where liblua is a static library; nothing else is exported.
$(B)/limn: $(HOST_OBJ) $(HOST_SYS) $(B)/limn.so
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -Wl,--export-dynamic-symbol='lua*' $(HOST_OBJ) $(HOST_SYS) -o $@ $(call PC,--libs $(LUA_PC)) -lm -ldl

# The AVX-512 loops as plain C on vectors of 64 bytes, so that machines without AVX-512 test their
# lane counts, tails and strides too (but not alignment: the compiler splits the vectors).
LOWERED := $(addprefix $(B)/tests/obj/lowered_,mlp.o arccos.o functions.o)
$(addprefix $(B)/tests/test_mlp_,kernels small one_hidden groups): $(B)/tests/obj/lowered_mlp.o
$(B)/tests/test_lowered: $(LOWERED)
$(B)/tests/test_functions: $(B)/tests/obj/lowered_functions.o
$(B)/tests/obj/lowered_%.o: tests/c/simd/lowered_%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) -Itests/c $(CFLAGS) -Og -Wno-psabi -MMD -MP -c $< -o $@

# The fuzzer is one program with the Lua module inside; the loops of src/num/simd read no files and stay without sanitizers.
FUZZ_CC ?= clang
ifeq ($(MODE),fuzz)
$(B)/obj/num/simd/%.o: CFLAGS += -fno-sanitize=all
endif
$(B)/battery: tests/random/battery.c $(B)/liblimn.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(call PC,--libs $(LIBS_PC)) -lm
$(B)/fuzz: tests/fuzz/fuzz.c $(BIND_OBJ) $(B)/liblimn.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(call PC,--cflags $(LUA_PC)) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer $^ -o $@ \
	  $(call PC,--libs $(LIBS_PC) $(LUA_PC) sqlite3 jansson) -lm -ldl

# Tests link the archive: they reach functions that the shared library does not export.
vpath test_%.c $(sort $(dir $(TEST_SRC)))
$(B)/tests/obj/%.o: %.c Makefile | need
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) -Itests/c $(filter-out -fvisibility=hidden -Wmissing-prototypes,$(CFLAGS)) -Wno-conversion -Wno-shadow -MMD -MP -c $< -o $@

$(B)/tests/%: $(B)/tests/obj/%.o $(B)/liblimn.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(filter %.o,$^) -o $@ $(LDFLAGS) $(B)/liblimn.a $(call PC,--libs criterion $(LIBS_PC)) -lquadmath -lm
.SECONDARY: $(TESTS:$(B)/tests/%=$(B)/tests/obj/%.o)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean: ## remove build/ and out/
	rm -rf build out

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
	@echo
	@echo 'MODE=release (default), debug, asan, tsan or cover builds and tests in build/MODE, for instance'
	@echo '    make check MODE=asan'
	@echo 'SPEC=name with `make test` runs one spec or C test, ONLY=name with `make mutants` one fault. V=1 shows the commands.'
