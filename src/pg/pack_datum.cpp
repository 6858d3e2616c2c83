#include "pack_datum.hpp"

#include <algorithm>

#include "../core/pack_directory.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

// How many bytes the directory of the last pack took. Directories of one partner are mostly alike, and to fetch a bit more
// than need be is cheap; to fetch twice is not.
constinit std::size_t usual_directory = PackDirectory::head_bytes;

}  // namespace

void require_utf8()
{
    if (GetDatabaseEncoding() != PG_UTF8) fail(Misuse::encoding_not_utf8, GetDatabaseEncodingName());
}

Bytes first_bytes(Datum pack, std::size_t count)
{
    struct varlena *slice = PG_DETOAST_DATUM_SLICE(pack, 0, static_cast<int32>(count));
    return std::as_bytes(std::span<const char>(VARDATA_ANY(slice), VARSIZE_ANY_EXHDR(slice)));
}

Bytes directory_bytes(Datum pack)
{
    auto *value = reinterpret_cast<struct varlena *>(DatumGetPointer(pack));
    if (!VARATT_IS_COMPRESSED(value) && !VARATT_IS_EXTERNAL(value)) return value_bytes(pack);
    Bytes bytes = first_bytes(pack, usual_directory + usual_directory / 8);
    const std::size_t needed = PackDirectory::bytes_needed(bytes);
    if (needed > bytes.size() && AllocSizeIsValid(needed)) bytes = first_bytes(pack, needed);
    if (needed == 0 || needed > bytes.size()) fail(Error{Errc::binary_malformed});
    usual_directory = std::max(needed, PackDirectory::head_bytes);
    return bytes;
}

}  // namespace partner_bonus::pg
