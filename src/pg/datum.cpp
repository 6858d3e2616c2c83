#include "datum.hpp"

#include <cstring>

namespace partner_bonus::pg {

namespace {

// How the server stores a numeric (stable since 9.1, and read by pg_upgrade ever since): a header of 16 bits that holds
// sign, scale and weight of short numbers, or sign and scale of long ones, whose weight follows; then base-10000 digits.
constexpr std::uint16_t kind_mask = 0xC000;
constexpr std::uint16_t kind_short = 0x8000;
constexpr std::uint16_t kind_special = 0xC000;
constexpr std::uint16_t kind_negative = 0x4000;
constexpr std::uint16_t short_negative = 0x2000;
constexpr int short_scale_shift = 7;
constexpr std::uint16_t short_weight_sign = 0x0040;
constexpr std::uint16_t short_weight_mask = 0x003F;

// More digits than these cannot be an amount or a product, so the core need not see them to refuse the number.
constexpr std::size_t most_digits = 24;

// A number as it lies in a row: its digits may be at odd addresses.
struct StoredNumeric {
    const char *digits;
    std::size_t count;
    int weight;
    bool negative;
    bool special;
};

inline StoredNumeric stored_numeric(Datum numeric)
{
    // Rows hold numbers with a short header; only what is compressed or stored outside needs the server's help.
    auto *value = reinterpret_cast<struct varlena *>(DatumGetPointer(numeric));
    if (VARATT_IS_COMPRESSED(value) || VARATT_IS_EXTERNAL(value)) value = PG_DETOAST_DATUM_PACKED(numeric);
    const char *data = VARDATA_ANY(value);
    std::size_t bytes = VARSIZE_ANY_EXHDR(value);
    std::uint16_t header;
    std::memcpy(&header, data, sizeof(header));
    data += sizeof(header);
    bytes -= sizeof(header);
    const bool special = (header & kind_mask) == kind_special;
    const bool is_short = (header & kind_mask) == kind_short;
    const bool negative = is_short ? (header & short_negative) != 0 : (header & kind_mask) == kind_negative;
    int weight = 0;
    if (is_short) {
        weight = ((header & short_weight_sign) != 0 ? ~static_cast<int>(short_weight_mask) : 0) | (header & short_weight_mask);
    } else if (!special) {
        std::int16_t stored;
        std::memcpy(&stored, data, sizeof(stored));
        data += sizeof(stored);
        bytes -= sizeof(stored);
        weight = stored;
    }
    return {data, bytes / sizeof(std::int16_t), weight, negative, special};
}

class NumericDigits {
   public:
    explicit NumericDigits(const StoredNumeric &number) noexcept : count_(std::min(number.count, most_digits))
    {
        // There are few of them: a call of memcpy would take longer.
        for (std::size_t i = 0; i < count_; ++i) std::memcpy(&digits_[i], number.digits + i * sizeof(std::int16_t), sizeof(std::int16_t));
    }
    std::span<const std::int16_t> span() const { return {digits_.data(), count_}; }

   private:
    std::array<std::int16_t, most_digits> digits_;
    std::size_t count_;
};

[[noreturn]] void fail_numeric(Error error, Datum numeric)
{
    error.subject = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
    fail(error);
}

constexpr std::uint16_t short_header(bool negative, int scale, int weight)
{
    return static_cast<std::uint16_t>(kind_short | (negative ? short_negative : 0) | (scale << short_scale_shift) |
                                      (weight < 0 ? short_weight_sign : 0) | (weight & short_weight_mask));
}

// What follows the length word of a numeric; gives how many bytes that are.
std::size_t write_number(char *to, const Base10000 &number, int shown_scale)
{
    const std::uint16_t header = short_header(number.negative, shown_scale, number.weight);
    std::memcpy(to, &header, sizeof(header));
    to += sizeof(header);
    // There are few digits: a call of memcpy would take longer.
    for (int i = 0; i < number.count; ++i, to += sizeof(std::int16_t)) std::memcpy(to, &number.digits[static_cast<std::size_t>(i)], sizeof(std::int16_t));
    return sizeof(header) + static_cast<std::size_t>(number.count) * sizeof(std::int16_t);
}

Datum store_numeric(const Base10000 &number, int shown_scale)
{
    auto *value = static_cast<struct varlena *>(palloc(VARHDRSZ + sizeof(std::uint16_t) + static_cast<std::size_t>(number.count) * sizeof(std::int16_t)));
    SET_VARSIZE(value, VARHDRSZ + write_number(VARDATA(value), number, shown_scale));
    return PointerGetDatum(value);
}

// The server's base64 counts in int, and four times the size.
void require_base64_size(std::size_t size)
{
    constexpr std::size_t most = MaxAllocSize / 2 - 4;
    if (size > most) fail(Error{Errc::value_too_large, {}, static_cast<std::int64_t>(size)});
}

void *allocate(void *context, std::size_t bytes) noexcept
{
    return MemoryContextAllocExtended(static_cast<MemoryContext>(context), bytes, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
}

}  // namespace

Memory memory_in(MemoryContext context) { return {allocate, context}; }

Memory memory() { return memory_in(CurrentMemoryContext); }

Decimal decimal_from_numeric(Datum numeric)
{
    const StoredNumeric number = stored_numeric(numeric);
    if (number.special) fail_numeric({Errc::amount_not_finite}, numeric);
    Decimal narrow;
    if (narrow_from_base10000(number.digits, number.count, number.weight, number.negative, narrow)) return narrow;
    const auto decimal = decimal_from_base10000(NumericDigits(number).span(), number.weight, number.negative);
    if (!decimal) fail_numeric(decimal.error(), numeric);
    return *decimal;
}

Amount amount_from_numeric(Datum numeric)
{
    const auto amount = to_amount(decimal_from_numeric(numeric));
    if (!amount) fail_numeric(amount.error(), numeric);
    return *amount;
}

Int256 exact_from_numeric(Datum numeric)
{
    const StoredNumeric number = stored_numeric(numeric);
    if (number.special) fail_numeric({Errc::amount_not_finite}, numeric);
    const auto exact = exact_from_base10000(NumericDigits(number).span(), number.weight, number.negative);
    if (!exact) fail_numeric({exact.error().code == Errc::amount_too_many_decimals ? Errc::exact_too_many_decimals : Errc::exact_out_of_range}, numeric);
    return *exact;
}

Rate rate_from_numeric(Datum numeric)
{
    const StoredNumeric number = stored_numeric(numeric);
    if (number.special) fail_numeric({rate_error(Errc::amount_not_finite)}, numeric);
    const auto decimal = decimal_from_base10000(NumericDigits(number).span(), number.weight, number.negative);
    if (!decimal) fail_numeric({rate_error(decimal.error().code)}, numeric);
    const auto rate = to_rate(*decimal);
    if (!rate) fail_numeric(rate.error(), numeric);
    return *rate;
}

Rate fraction_from_numeric(Datum numeric)
{
    const Rate rate = rate_from_numeric(numeric);
    if (rate < 0 || rate > rate_one) fail_numeric({Errc::rate_not_a_fraction}, numeric);
    return rate;
}

std::int64_t millionths_from_numeric(Datum numeric)
{
    constexpr int finer_decimals = rate_scale - 6;  // so that a compound rate b + d - b * d has no more than 12
    const Rate rate = fraction_from_numeric(numeric);
    if (trailing_zeros(rate, finer_decimals) < finer_decimals)
        fail(Misuse::rule_rate_too_fine, DatumGetCString(DirectFunctionCall1(numeric_out, numeric)));
    return static_cast<std::int64_t>(drop_zeros(rate, finer_decimals));
}

int scale_from(Datum integer)
{
    const int32 scale = DatumGetInt32(integer);
    if (scale < 0 || scale > amount_scale) fail(Error{Errc::share_unit, {}, scale});
    return scale;
}

RoundingMode rounding_mode_from_text(Datum name)
{
    RoundingMode mode;
    if (!rounding_mode_from_name(text_view(name), mode)) fail(Misuse::unknown_rounding_mode, TextDatumGetCString(name));
    return mode;
}

Datum numeric_from(const Int256 &units, int scale)
{
    const Base10000 number = to_base10000(units, scale);
    return store_numeric(number, number.scale);
}

std::size_t write_numeric(char *to, int128 units, int scale)
{
    std::size_t size = VARHDRSZ_SHORT + sizeof(std::uint16_t);
    if (magnitude(units) <= narrow_magnitude_max) {
        Base10000Form form{};
        if (units != 0) form = write_base10000(static_cast<std::uint64_t>(magnitude(units)), scale, to + size);
        const std::uint16_t header = short_header(units < 0, form.scale, form.weight);
        std::memcpy(to + VARHDRSZ_SHORT, &header, sizeof(header));
        size += static_cast<std::size_t>(form.count) * sizeof(std::int16_t);
    } else {
        const Base10000 number = to_base10000(units, scale);
        size = VARHDRSZ_SHORT + write_number(to + VARHDRSZ_SHORT, number, number.scale);
    }
    SET_VARSIZE_SHORT(to, size);
    return size;
}

Datum printed_numeric_from(const Int256 &units, int scale) { return store_numeric(to_base10000(units, scale), scale); }

Bytes value_bytes(Datum value)
{
    struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
    const auto is_working = [](struct varlena *v) { return VARSIZE_ANY_EXHDR(v) > 0 && (static_cast<std::uint8_t>(*VARDATA_ANY(v)) & 0x80) != 0; };
    // A small working state that went through a tuple has lost its length word and its alignment.
    if (VARATT_IS_SHORT(packed) && is_working(packed)) packed = PG_DETOAST_DATUM(PointerGetDatum(packed));
    return std::as_bytes(std::span<const char>(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed)));
}

void free_if_copy(Datum value, Bytes bytes)
{
    auto *original = reinterpret_cast<struct varlena *>(DatumGetPointer(value));
    auto *data = reinterpret_cast<char *>(const_cast<std::byte *>(bytes.data()));
    if (data != VARDATA_ANY(original)) pfree(data - VARHDRSZ);  // copies have a long header
}

Datum value_datum(Bytes bytes)
{
    const std::size_t size = VARHDRSZ + bytes.size();
    if (!AllocSizeIsValid(size)) fail(Error{Errc::value_too_large, {}, static_cast<std::int64_t>(size)});
    auto *value = static_cast<struct varlena *>(palloc(size));
    SET_VARSIZE(value, size);
    std::memcpy(VARDATA(value), bytes.data(), bytes.size());
    return PointerGetDatum(value);
}

Bytes message_bytes(FunctionCallInfo fcinfo)
{
    auto buffer = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    const int left = buffer->len - buffer->cursor;
    return std::as_bytes(std::span<const char>(pq_getmsgbytes(buffer, left), static_cast<std::size_t>(left)));
}

Result<Bytes> bytes_from_base64(std::string_view text)
{
    require_base64_size(text.size());
    const int room = pg_b64_dec_len(static_cast<int>(text.size()));
    auto *bytes = static_cast<char *>(palloc(static_cast<std::size_t>(room) + 1));
    const int size = decode_base64(text.data(), static_cast<int>(text.size()), bytes, room);
    if (size < 0) return Error{Errc::base64_malformed, text};
    return std::as_bytes(std::span<const char>(bytes, static_cast<std::size_t>(size)));
}

const char *base64_from(Bytes bytes)
{
    require_base64_size(bytes.size());
    const int room = pg_b64_enc_len(static_cast<int>(bytes.size()));
    auto *text = static_cast<char *>(palloc(static_cast<std::size_t>(room) + 1));
    const int size = encode_base64(reinterpret_cast<const char *>(bytes.data()), static_cast<int>(bytes.size()), text, room);
    text[size] = '\0';
    return text;
}

std::string_view text_view(Datum text)
{
    struct varlena *value = PG_DETOAST_DATUM_PACKED(text);
    return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

Datum text_datum(std::string_view text)
{
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

const char *cstring(std::string_view text) { return pnstrdup(text.data(), text.size()); }

TypeCacheEntry *date_range_type() { return lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO); }

DayRange day_range_from(TypeCacheEntry *type, const RangeType *range, bool *empty)
{
    RangeBound lower;
    RangeBound upper;
    range_deserialize(type, range, &lower, &upper, empty);
    DayRange days{unbounded_before, unbounded_after};
    static_assert(DATEVAL_NOBEGIN == unbounded_before && DATEVAL_NOEND == unbounded_after, "infinite dates are unbounded days");
    if (!lower.infinite) days.from = DatumGetDateADT(lower.val);
    if (!upper.infinite) days.to = DatumGetDateADT(upper.val);
    return days;
}

std::span<const DayRange> day_ranges_from_multirange(Datum multirange)
{
    TypeCacheEntry *type = date_range_type();
    const MultirangeType *value = DatumGetMultirangeTypeP(multirange);
    int32 count;
    RangeType **ranges;
    multirange_deserialize(type, value, &count, &ranges);
    auto *days = static_cast<DayRange *>(palloc(sizeof(DayRange) * static_cast<std::size_t>(count + 1)));
    for (int32 i = 0; i < count; ++i) {
        bool empty;
        days[i] = day_range_from(type, ranges[i], &empty);
    }
    return {days, static_cast<std::size_t>(count)};
}

Datum date_range_from(DayRange days)
{
    RangeBound lower{DateADTGetDatum(days.from), days.from == unbounded_before, true, true};
    RangeBound upper{DateADTGetDatum(days.to), days.to == unbounded_after, false, false};
    return RangeTypePGetDatum(make_date_range(date_range_type(), &lower, &upper));
}

}  // namespace partner_bonus::pg
