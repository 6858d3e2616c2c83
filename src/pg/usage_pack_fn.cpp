// Usage packs: their text and binary form, and what can be told of one without taking it apart.
#include <algorithm>
#include <array>

#include "../core/pack_directory.hpp"
#include "../core/usage_pack.hpp"
#include "datum.hpp"
#include "fail.hpp"
#include "pack_datum.hpp"

namespace partner_bonus::pg {

PG_FUNCTION(usage_pack_in)
{
    require_utf8();
    const auto bytes = bytes_from_base64(PG_GETARG_CSTRING(0));
    if (!bytes) return fail_input(fcinfo, bytes.error());
    const auto pack = usage_pack_from_binary(*bytes, memory());
    if (!pack) return fail_input(fcinfo, pack.error());
    return value_datum(*pack);
}

PG_FUNCTION(usage_pack_out) { PG_RETURN_CSTRING(base64_from(value_bytes(PG_GETARG_DATUM(0)))); }

PG_FUNCTION(usage_pack_recv)
{
    require_utf8();
    return value_datum(value_or_fail(usage_pack_from_binary(message_bytes(fcinfo), memory())));
}

PG_FUNCTION(usage_pack_send) { return value_datum(value_bytes(PG_GETARG_DATUM(0))); }

PG_FUNCTION(usage_pack_empty)
{
    (void)fcinfo;
    return value_datum(value_or_fail(empty_pack(memory())));
}

PG_FUNCTION(usage_pack_line_count)
{
    PG_RETURN_INT32(static_cast<int32>(value_or_fail(pack_line_count(first_bytes(PG_GETARG_DATUM(0), PackDirectory::head_bytes)))));
}

PG_FUNCTION(usage_pack_totals)
{
    InitMaterializedSRF(fcinfo, 0);
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const Bytes pack = directory_bytes(PG_GETARG_DATUM(0));
    PackDirectory directory = value_or_fail(PackDirectory::open(pack));
    const Words currencies = value_or_fail(directory.words(pack_text::currency, memory()));
    struct Totals {
        std::int64_t lines;
        ConsumptionTotal amounts;
    };
    const auto totals = memory().array<Totals>(currencies.size());
    if (totals.data() == nullptr) fail(Error{Errc::out_of_memory});
    std::fill(totals.begin(), totals.end(), Totals{});
    for (DirectoryEntry entry; directory.next(entry);) {
        Totals &of = totals[entry.key[pack_text::currency]];
        of.lines += entry.lines;
        of.amounts.cost += entry.cost;
        of.amounts.grant_credit += entry.grant_credit;
        of.amounts.other_credit += entry.other_credit;
    }
    if (directory.failed()) fail(Error{Errc::binary_malformed});
    for (std::size_t i = 0; i < currencies.size(); ++i) {
        Datum values[] = {text_datum(currencies[i]), Int64GetDatum(totals[i].lines), numeric_from(totals[i].amounts.cost, directory.scales().cost),
                          numeric_from(totals[i].amounts.grant_credit, directory.scales().grant_credit), numeric_from(totals[i].amounts.other_credit, directory.scales().other_credit)};
        bool nulls[] = {false, false, false, false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return Datum{0};
}

PG_FUNCTION(usage_pack_content_digest)
{
    const Bytes content = value_or_fail(usage_pack_content(value_bytes(PG_GETARG_DATUM(0))));
    // As sha256() does it, which would want a copy of the content.
    pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
    std::array<std::byte, PG_SHA256_DIGEST_LENGTH> digest;
    const auto bytes = [](auto &of) { return reinterpret_cast<const uint8 *>(of.data()); };
    if (hash == nullptr || pg_cryptohash_init(hash) < 0 || pg_cryptohash_update(hash, bytes(content), content.size()) < 0 ||
        pg_cryptohash_final(hash, reinterpret_cast<uint8 *>(digest.data()), digest.size()) < 0)
        fail(Error{Errc::out_of_memory});
    pg_cryptohash_free(hash);
    return value_datum(digest);
}

PG_FUNCTION(usage_pack_eq)
{
    // The same value outside its row, as in an update of other columns, need not be fetched.
    const auto *left = reinterpret_cast<struct varlena *>(PG_GETARG_POINTER(0));
    const auto *right = reinterpret_cast<struct varlena *>(PG_GETARG_POINTER(1));
    if (VARATT_IS_EXTERNAL_ONDISK(left) && VARATT_IS_EXTERNAL_ONDISK(right) &&
        std::equal(VARDATA_EXTERNAL(left), VARDATA_EXTERNAL(left) + sizeof(varatt_external), VARDATA_EXTERNAL(right)))
        PG_RETURN_BOOL(true);
    PG_RETURN_BOOL(same_bytes(value_bytes(PG_GETARG_DATUM(0)), value_bytes(PG_GETARG_DATUM(1))));
}

}  // namespace partner_bonus::pg
