#include "row_writer.hpp"

namespace partner_bonus::pg {

Datum row_value(std::string_view bytes)
{
    const bool is_short = bytes.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX;
    const std::size_t size = bytes.size() + (is_short ? VARHDRSZ_SHORT : VARHDRSZ);
    if (!AllocSizeIsValid(size + row_slack)) fail(Error{Errc::value_too_large, {}, static_cast<std::int64_t>(size)});
    auto *value = static_cast<char *>(palloc(size + row_slack));
    if (is_short)
        SET_VARSIZE_SHORT(value, size);
    else
        SET_VARSIZE(value, size);
    std::memcpy(value + size - bytes.size(), bytes.data(), bytes.size());
    return PointerGetDatum(value);
}

void RowWriter::grow(std::size_t size)
{
    const auto used = static_cast<std::size_t>(at_ - row_);
    const std::size_t room = 2 * (used + size + row_slack);
    if (!AllocSizeIsValid(room)) fail(Error{Errc::value_too_large, {}, static_cast<std::int64_t>(room)});
    row_ = static_cast<char *>(repalloc(row_, room));
    at_ = row_ + used;
    end_ = row_ + room;
}

}  // namespace partner_bonus::pg
