#include "pack_column_reader.hpp"

#include <bit>
#include <type_traits>

#include "pack_format.hpp"

namespace partner_bonus {

namespace {

using Given = PackColumns::Given;

// The codes of a column; those of a key's column are read from the directory.
Result<std::span<const std::uint32_t>> read_codes(WireReader &wire, std::size_t lines, std::size_t words, const Memory &memory) noexcept
{
    const auto codes = memory.array<std::uint32_t>(lines);
    if (!codes.data()) return Errc::out_of_memory;
    const auto used_or = Used::of(words, memory);
    if (!used_or) return used_or.error();
    Used used = *used_or;
    const int bits = code_bits(words);
    const std::size_t bytes_packed = packed_bytes(lines, bits);
    const std::uint8_t form = wire.byte();
    if (form == codes_in_runs) {
        const std::size_t bytes_left = wire.left();
        for (std::size_t at = 0; at < lines;) {
            const uint128 length = wire.shortest_varint();
            const uint128 code = wire.shortest_varint();
            const bool goes_on = at > 0 && code == codes[at - 1];
            if (length == 0 || length > lines - at || code >= words || goes_on) return Errc::binary_malformed;
            used.mark(static_cast<std::uint32_t>(code));
            std::fill_n(codes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::size_t>(length), static_cast<std::uint32_t>(code));
            at += static_cast<std::size_t>(length);
        }
        if (wire.ran_out() || bytes_left - wire.left() >= bytes_packed) return Errc::binary_malformed;
    } else {
        const Bytes packed = wire.bytes(bytes_packed);
        if (form != codes_packed || wire.ran_out()) return Errc::binary_malformed;
        BitReader reader(packed);
        reader.take(codes, bits);
        for (const std::uint32_t code : codes) used.mark(code);
        if (!reader.at_end() || shorter_in_runs(codes, bytes_packed)) return Errc::binary_malformed;
    }
    if (!used.all()) return Errc::binary_malformed;
    return std::span<const std::uint32_t>(codes);
}

}  // namespace

Status read_text(WireReader &wire, std::size_t lines, PackColumns::Text &column, std::size_t &bytes_left, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(words, read_words(wire, lines, bytes_left, memory));
    column.words = words;
    if (words.empty() != (lines == 0)) return Errc::binary_malformed;
    if (words.size() < 2) return Done{};
    PARTNER_BONUS_TRY(codes, read_codes(wire, lines, words.size(), memory));
    column.codes = codes;
    return Done{};
}

namespace {

constexpr std::size_t block_lines = 64;

constexpr int lines_of_block(std::size_t from, std::size_t lines) noexcept { return static_cast<int>(std::min(block_lines, lines - from)); }
constexpr std::uint64_t low_bits(int count) noexcept { return ~std::uint64_t{0} >> (block_lines - static_cast<std::size_t>(count)); }

// A bit for each of some lines; no bits at all stand for ones.
struct Marks {
    Bytes bits;
    std::size_t ones = 0;

    static Result<Marks> read(WireReader &wire, std::size_t lines) noexcept
    {
        Marks marks;
        marks.bits = wire.bytes(packed_bytes(lines, 1));
        if (wire.ran_out()) return Errc::binary_malformed;
        BitReader reader(marks.bits);
        for (std::size_t from = 0; from < lines; from += block_lines)
            marks.ones += static_cast<std::size_t>(std::popcount(reader.take_many(lines_of_block(from, lines))));
        if (!reader.at_end()) return Errc::binary_malformed;
        return marks;
    }
};

// Gives the ones of `into`, from the lowest on, the values of `bits`.
constexpr std::uint64_t deposit(std::uint64_t bits, std::uint64_t into) noexcept
{
    if (~into == 0) return bits;
    std::uint64_t result = 0;
    for (; into != 0; into &= into - 1, bits >>= 1)
        if ((bits & 1) != 0) result |= into & (~into + 1);
    return result;
}

// The units that are written: of given lines, and of those with a number other than 0 when they are marked.
template <class Unit>
bool read_units(WireReader &wire, std::span<Unit> units, UnitMarks marks, UnitTraits &traits) noexcept
{
    using Unsigned = std::conditional_t<sizeof(Unit) == sizeof(std::int64_t), std::uint64_t, uint128>;
    if (marks.given_marked || marks.zeros_marked) std::fill(units.begin(), units.end(), Unit{0});
    Unsigned most = 0;
    std::size_t zeros = 0;
    for (std::size_t from = 0; from < units.size(); from += block_lines) {
        const int lines = lines_of_block(from, units.size());
        std::uint64_t follow = marks.given_marked ? marks.given.take_many(lines) : low_bits(lines);
        if (marks.zeros_marked) follow = deposit(marks.not_zero.take_many(std::popcount(follow)), follow);
        Unit *const block = units.data() + from;
        const bool read = wire.shortest_varints<Unsigned>(std::popcount(follow), [&](Unsigned unit) {
            if constexpr (sizeof(Unit) == sizeof(std::int64_t))
                block[std::countr_zero(follow)] = unzigzag64(unit);
            else
                block[std::countr_zero(follow)] = unzigzag(unit);
            follow &= follow - 1;
            most = std::max(most, unit);
            zeros += unit == 0;
        });
        if (!read) return false;
    }
    traits = {(uint128{most} >> 1) + (most & 1), zeros};
    return true;
}

}  // namespace

Status read_units(WireReader &wire, std::size_t lines, const UnitMarks &marks, PackColumns::Number &column, UnitTraits &traits, const Memory &memory) noexcept
{
    const auto narrow = memory.array<std::int64_t>(lines);
    if (!narrow.data()) return Errc::out_of_memory;
    WireReader again = wire;
    column.units = narrow;
    if (read_units(wire, narrow, marks, traits)) return Done{};
    const auto wide = memory.array<int128>(lines);
    if (!wide.data()) return Errc::out_of_memory;
    wire = again;
    column.units = wide;
    if (!read_units(wire, wide, marks, traits)) return Errc::binary_malformed;
    return Done{};
}

bool greatest_amount(const UnitTraits &traits, int scale, Amount &greatest) noexcept
{
    return traits.most <= static_cast<uint128>(amount_max) && try_multiply(static_cast<int128>(traits.most), power_of_ten(amount_scale - scale), greatest);
}

bool given_lines(BitReader marks, std::size_t lines, PackColumns::Number &column, const Memory &memory) noexcept
{
    const auto is_given = memory.array<std::uint8_t>(lines);
    for (std::uint8_t &mark : is_given) mark = static_cast<std::uint8_t>(marks.take(1));
    column.is_given = is_given;
    return is_given.data() != nullptr;
}

Status read_number(WireReader &wire, std::size_t lines, PackColumns::Number &column, Amount &greatest, const Memory &memory) noexcept
{
    const unsigned head = wire.byte();
    const bool marked = (head & zeros_marked) != 0;
    if ((head & given_mask) > static_cast<unsigned>(Given::sometimes) || head > (given_mask | zeros_only)) return Errc::binary_malformed;
    column.given = static_cast<Given>(head & given_mask);
    Marks given;
    given.ones = column.given == Given::always ? lines : 0;
    if (column.given == Given::sometimes) {
        PARTNER_BONUS_TRY(marks, Marks::read(wire, lines));
        given = marks;
        if (given.ones == 0 || given.ones == lines) return Errc::binary_malformed;
        if (!given_lines(BitReader(given.bits), lines, column, memory)) return Errc::out_of_memory;
    }
    if ((head & zeros_only) != 0) return Done{};
    if (given.ones == 0) return Errc::binary_malformed;
    column.scale = wire.byte();
    if (column.scale > amount_scale) return Errc::binary_malformed;
    Marks not_zero;
    if (marked) {
        PARTNER_BONUS_TRY(marks, Marks::read(wire, given.ones));
        not_zero = marks;
    }
    UnitTraits traits;
    const UnitMarks marks{column.given == Given::sometimes, marked, BitReader(given.bits), BitReader(not_zero.bits)};
    const Status read = read_units(wire, lines, marks, column, traits, memory);
    if (!read) return read.error();
    if (traits.most == 0 || !greatest_amount(traits, column.scale, greatest)) return Errc::binary_malformed;
    // No zero is marked as something else, and marks are there where they pay.
    const std::size_t others = marked ? not_zero.ones : given.ones - traits.zeros;
    if ((marked && traits.zeros > 0) || marked != marks_zeros(given.ones, others)) return Errc::binary_malformed;
    const bool smallest_scale = column.scale == 0 || column.units.visit([](auto units) {
        return std::any_of(units.begin(), units.end(), [](const auto &unit) { return trailing_zeros(unit, 1) == 0; });
    });
    if (!smallest_scale) return Errc::binary_malformed;
    return Done{};
}

}  // namespace partner_bonus
