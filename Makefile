# PGXS owns the module, the install script and pg_regress; CMake owns what has no server in it (see CMakeLists.txt).
#   make [PG_CONFIG=...]    build      make install [DESTDIR=...]    install
#   make lint               check the walls between the rooms
EXTENSION    = partner_bonus
MODULE_big   = partner_bonus

PG_CONFIG   ?= $(firstword $(wildcard /usr/lib/postgresql/15/bin/pg_config) $(wildcard /usr/lib/postgresql/*/bin/pg_config) pg_config)
root        := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
version     := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(root)partner_bonus.control)

sources     := $(sort $(patsubst $(root)%,%,$(wildcard $(root)src/core/*.cpp $(root)src/pg/*.cpp)))
OBJS         = $(sources:.cpp=.o)
depends     := $(sources:.cpp=.d)
install_sql  = partner_bonus--$(version).sql
DATA_built   = $(install_sql)
DATA         = $(patsubst $(root)%,%,$(wildcard $(root)src/sql/upgrade/partner_bonus--*--*.sql))
DOCS         = $(patsubst $(root)%,%,$(wildcard $(root)doc/*.md))
editions    := $(sort $(wildcard $(root)src/editions/*.sql))
REGRESS      = $(sort $(patsubst $(root)sql/%.sql,%,$(wildcard $(root)sql/*.sql)))
REGRESS_OPTS = --inputdir=$(root) --load-extension=btree_gist $(EXTRA_REGRESS_OPTS)
ISOLATION    = $(sort $(patsubst $(root)test/isolation/specs/%.spec,%,$(wildcard $(root)test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(root)test/isolation --load-extension=btree_gist $(EXTRA_REGRESS_OPTS)
EXTRA_CLEAN  = $(depends)

# Extension functions are never inlined by JIT, and C++20 flags do not reach PGXS's bitcode rule.
override with_llvm := no
include_server := $(shell $(PG_CONFIG) --includedir-server)
warnings    := -Wall -Wextra -Wshadow -Wconversion -Werror
# -isystem: the server's headers are C and do not keep to our warnings.
# -flto: the transition of an aggregate crosses from pg to core three times a row.
override CXXFLAGS := -std=gnu++20 -O2 -g -flto=auto -fno-exceptions -fno-rtti -fno-strict-aliasing -fwrapv -fvisibility=hidden -fPIC \
                     $(warnings) -isystem $(include_server) $(EXTRA_CXXFLAGS)
# 128-bit division is the compiler's own library; it goes into the module.
SHLIB_LINK   = -static-libgcc
PG_CPPFLAGS  = -DPARTNER_BONUS_VERSION='"$(version)"'

PGXS        := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
override COMPILER = $(CXX) $(CXXFLAGS)

# Out-of-tree builds need the folders; every object remembers the headers it was made from.
%.o: %.cpp
	@mkdir -p $(dir $@)
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
-include $(depends)
$(OBJS): $(root)Makefile $(root)partner_bonus.control

# The install script: the files of src/sql in order, with the ledger's files embedded. Functions are written CREATE OR
# REPLACE, so that an upgrade can run them again; an install must not replace what it finds.
sql_files    := $(sort $(wildcard $(root)src/sql/*.sql))
ledger_files := $(sort $(wildcard $(root)src/ledger/*.sql))
$(install_sql): $(sql_files) $(ledger_files) $(root)scripts/lib/install-sql $(root)partner_bonus.control
	$(root)scripts/lib/install-sql $(root) > $@.tmp && mv $@.tmp $@

# Editions of the partner program: data that a user runs in a ledger, no part of CREATE EXTENSION.
editions_dir = $(DESTDIR)$(datadir)/$(EXTENSION)
.PHONY: install-editions uninstall-editions
install: install-editions
install-editions:
	$(MKDIR_P) '$(editions_dir)'
	$(INSTALL_DATA) $(editions) '$(editions_dir)/'
uninstall: uninstall-editions
uninstall-editions:
	rm -f $(patsubst %,'$(editions_dir)/%',$(notdir $(editions)))

.PHONY: lint
lint:
	@$(root)scripts/lint
