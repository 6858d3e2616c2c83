// The server's headers, for C++. The only file that includes postgres.h; what differs between server versions 15 to 18 is
// settled here, so that the other files are written once. Tested with 15; the branches for later versions are not.
#pragma once

// Everything is hidden but what the server looks up; server 15 leaves this macro empty.
#ifndef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

extern "C" {
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/base64.h"
#include "common/cryptohash.h"
#include "common/hashfn.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "port.h"
#include "utils/array.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/multirangetypes.h"
#include "utils/numeric.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "windowapi.h"
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif
}

#if PG_VERSION_NUM < 150000
#error "partner_bonus needs PostgreSQL 15 or later"
#endif

// A function that SQL can call. The server looks it up by name, so it has C linkage; its body is C++.
#define PG_FUNCTION(name)               \
    extern "C" {                        \
    PGDLLEXPORT PG_FUNCTION_INFO_V1(name); \
    }                                   \
    extern "C" Datum name(PG_FUNCTION_ARGS)

namespace partner_bonus::pg {

inline RangeType *make_date_range(TypeCacheEntry *type, RangeBound *lower, RangeBound *upper)
{
#if PG_VERSION_NUM >= 160000
    return make_range(type, lower, upper, false, nullptr);
#else
    return make_range(type, lower, upper, false);
#endif
}

inline int decode_date_time(char **fields, int *field_types, int count, int *type, struct pg_tm *time, fsec_t *fraction, int *zone)
{
#if PG_VERSION_NUM >= 160000
    DateTimeErrorExtra extra;
    return DecodeDateTime(fields, field_types, count, type, time, fraction, zone, &extra);
#else
    return DecodeDateTime(fields, field_types, count, type, time, fraction, zone);
#endif
}

// In a check hook: puts another text in place of the setting; false when there is no memory.
inline bool replace_setting(char **setting, const char *replacement)
{
#if PG_VERSION_NUM >= 160000
    char *copy = guc_strdup(LOG, replacement);
    if (copy == nullptr) return false;
    guc_free(*setting);
#else
    char *copy = strdup(replacement);
    if (copy == nullptr) return false;
    free(*setting);
#endif
    *setting = copy;
    return true;
}

// Base64 without line ends. The room is that of pg_b64_enc_len and pg_b64_dec_len; negative when the text is no base64.
inline int encode_base64(const char *bytes, int size, char *text, int room)
{
#if PG_VERSION_NUM >= 180000
    return pg_b64_encode(reinterpret_cast<const uint8 *>(bytes), size, text, room);
#else
    return pg_b64_encode(bytes, size, text, room);
#endif
}

inline int decode_base64(const char *text, int size, char *bytes, int room)
{
#if PG_VERSION_NUM >= 180000
    return pg_b64_decode(text, size, reinterpret_cast<uint8 *>(bytes), room);
#else
    return pg_b64_decode(text, size, bytes, room);
#endif
}

// The n-th of pgstat_fetch_stat_numbackends(), from 1.
inline const LocalPgBackendStatus *backend_status(int n)
{
#if PG_VERSION_NUM >= 160000
    return pgstat_get_local_beentry_by_index(n);
#else
    return pgstat_fetch_stat_local_beentry(n);
#endif
}

}  // namespace partner_bonus::pg
