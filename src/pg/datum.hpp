// Datums to core types and back: decode and encode, nothing else.
#pragma once

#include "../core/consumption.hpp"
#include "../core/decimal.hpp"
#include "../core/memory.hpp"
#include "../core/rounding.hpp"
#include "fail.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

// Memory for the core from the current context; null instead of an error when there is none.
Memory memory();
Memory memory_in(MemoryContext context);

// Decoded straight from the stored digits. Refuses NaN, infinities, more than 18 decimals, and what no amount can hold.
Decimal decimal_from_numeric(Datum numeric);
// A sum of exact products: up to 30 decimals.
Int256 exact_from_numeric(Datum numeric);
Amount amount_from_numeric(Datum numeric);
Rate rate_from_numeric(Datum numeric);
// A rate of a rule: from 0 to 1.
Rate fraction_from_numeric(Datum numeric);
// The same where six decimals are the most.
std::int64_t millionths_from_numeric(Datum numeric);
// With the smallest scale that shows units * 10^-scale whole.
Datum numeric_from(const Int256 &units, int scale);
// The same as rows hold it, with a length of one byte; gives how many bytes that are, at most numeric_room.
inline constexpr std::size_t numeric_room = 64;
std::size_t write_numeric(char *to, int128 units, int scale);
// The same with all `scale` decimals, as printed amounts show them.
Datum printed_numeric_from(const Int256 &units, int scale);

// How an amount is printed: its decimals, and the name of a mode.
int scale_from(Datum integer);
RoundingMode rounding_mode_from_text(Datum name);

// A consumption, rate_schedule or tiers. The bytes of a working state are preceded by its length word and aligned.
Bytes value_bytes(Datum value);
Datum value_datum(Bytes bytes);
// Frees what value_bytes had to copy. For support functions of indexes and sorts: they run in contexts that live long.
void free_if_copy(Datum value, Bytes bytes);
// What is left of the message that a recv function was given.
Bytes message_bytes(FunctionCallInfo fcinfo);

// The binary form of a value, which is text as base64.
Result<Bytes> bytes_from_base64(std::string_view text);
const char *base64_from(Bytes bytes);

std::string_view text_view(Datum text);
Datum text_datum(std::string_view text);
const char *cstring(std::string_view text);

// A day of the calendar, bounds included by convention of daterange: [from, to). Unbounded and infinite are the same.
DayRange day_range_from(TypeCacheEntry *type, const RangeType *range, bool *empty);
std::span<const DayRange> day_ranges_from_multirange(Datum multirange);
Datum date_range_from(DayRange days);

TypeCacheEntry *date_range_type();

}  // namespace partner_bonus::pg
