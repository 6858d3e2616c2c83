#include "module.hpp"

extern "C" {
PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init();
}

extern "C" void _PG_init() { partner_bonus::pg::define_settings(); }

PG_FUNCTION(partner_bonus_version) { PG_RETURN_TEXT_P(cstring_to_text(PARTNER_BONUS_VERSION)); }
