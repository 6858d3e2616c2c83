#include "pack_account.hpp"

#include <algorithm>
#include <bit>

#include "pack_column_reader.hpp"
#include "pack_directory.hpp"

namespace partner_bonus {

namespace {

using Text = PackColumns::Text;
using Number = PackColumns::Number;
using Given = PackColumns::Given;

// Of the lines of a pack, those that are asked for.
struct LineRange {
    std::size_t all;
    std::size_t from;
    std::size_t count;

    std::size_t to() const noexcept { return from + count; }
};

// How many lines of each part have something.
struct Counts {
    std::size_t before;
    std::size_t within;
    std::size_t after;

    std::size_t all() const noexcept { return before + within + after; }
};

std::size_t take_ones(BitReader &bits, std::size_t count) noexcept
{
    constexpr std::size_t at_once = 56;
    std::size_t ones = 0;
    for (; count > at_once; count -= at_once) ones += static_cast<std::size_t>(std::popcount(bits.take(at_once)));
    return ones + static_cast<std::size_t>(std::popcount(bits.take(static_cast<int>(count))));
}

// Reads a bit for each of so many lines; `within` is left where those that are asked for begin.
bool read_marks(WireReader &wire, Counts &counts, BitReader &within) noexcept
{
    const Bytes bytes = wire.bytes(packed_bytes(counts.all(), 1));
    if (wire.ran_out()) return false;
    BitReader bits(bytes);
    const std::size_t before = take_ones(bits, counts.before);
    within = bits;
    const std::size_t count = take_ones(bits, counts.within);
    counts = {before, count, take_ones(bits, counts.after)};
    return true;
}

Status read_codes(WireReader &wire, const LineRange &range, std::size_t words, std::span<std::uint32_t> codes) noexcept
{
    const std::uint8_t form = wire.byte();
    if (form == codes_in_runs) {
        for (std::size_t at = 0; at < range.all;) {
            const uint128 length = wire.varint();
            const uint128 code = wire.varint();
            if (length == 0 || length > range.all - at || code >= words) return Errc::binary_malformed;
            const std::size_t from = std::clamp(at, range.from, range.to());
            at += static_cast<std::size_t>(length);
            const std::size_t to = std::clamp(at, range.from, range.to());
            std::fill_n(codes.begin() + static_cast<std::ptrdiff_t>(from - range.from), to - from, static_cast<std::uint32_t>(code));
        }
        return Done{};
    }
    const int bits = code_bits(words);
    const Bytes packed = wire.bytes(packed_bytes(range.all, bits));
    if (form != codes_packed || wire.ran_out()) return Errc::binary_malformed;
    BitReader reader(packed);
    reader.skip(range.from * static_cast<std::size_t>(bits));
    reader.take(codes, bits);
    if (std::any_of(codes.begin(), codes.end(), [words](std::uint32_t code) { return code >= words; })) return Errc::binary_malformed;
    return Done{};
}

Status read_text(WireReader &wire, const LineRange &range, Text &column, std::size_t &bytes_left, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(words, read_words(wire, range.all, bytes_left, memory));
    if (words.empty()) return Errc::binary_malformed;
    column.words = words;
    if (words.size() < 2) return Done{};
    const auto codes = memory.array<std::uint32_t>(range.count);
    if (!codes.data()) return Errc::out_of_memory;
    column.codes = codes;
    return read_codes(wire, range, words.size(), codes);
}

Status read_number(WireReader &wire, const LineRange &range, Number &column, Amount &greatest, const Memory &memory) noexcept
{
    const unsigned head = wire.byte();
    if ((head & given_mask) > static_cast<unsigned>(Given::sometimes)) return Errc::binary_malformed;
    column.given = static_cast<Given>(head & given_mask);
    Counts counts{range.from, range.count, range.all - range.to()};
    UnitMarks marks;
    if (column.given == Given::sometimes) {
        marks.given_marked = true;
        if (!read_marks(wire, counts, marks.given)) return Errc::binary_malformed;
        if (!given_lines(marks.given, range.count, column, memory)) return Errc::out_of_memory;
    }
    if ((head & zeros_only) != 0) return Done{};
    column.scale = wire.byte();
    if (column.given == Given::never || column.scale > amount_scale) return Errc::binary_malformed;
    if ((head & zeros_marked) != 0) {
        marks.zeros_marked = true;
        if (!read_marks(wire, counts, marks.not_zero)) return Errc::binary_malformed;
    }
    if (!wire.skip_varints(counts.before)) return Errc::binary_malformed;
    UnitTraits traits;
    const Status read = read_units(wire, range.count, marks, column, traits, memory);
    if (!read) return read.error();
    if (!wire.skip_varints(counts.after) || !greatest_amount(traits, column.scale, greatest)) return Errc::binary_malformed;
    return Done{};
}

// Key after key, with the number of its lines.
struct KeyWalk {
    explicit KeyWalk(const PackDirectory &keys) noexcept : directory(keys) { go_on(); }

    void go_on() noexcept { more = directory.next_key(key) && directory.next_lines(lines); }
    bool on_key() const noexcept { return more; }
    bool failed() const noexcept { return directory.failed(); }

    PackDirectory directory;
    DirectoryKey key{};
    std::uint32_t lines = 0;
    bool more = false;
};

// Finds the lines of the account, and gives them the words of their keys.
Status read_keys(PackDirectory directory, std::string_view account, LineRange &range, PackColumns &columns, const Memory &memory) noexcept
{
    for (std::size_t column = 0; column < pack_key_columns; ++column) {
        PARTNER_BONUS_TRY(words, directory.words(column, memory));
        columns.texts[column].words = words;
    }
    const Words accounts = columns.texts[pack_text::account_id].words;
    const auto place = std::lower_bound(accounts.begin(), accounts.end(), account, word_less);
    if (place == accounts.end() || *place != account) return Done{};
    const auto code = static_cast<std::uint32_t>(place - accounts.begin());

    KeyWalk walk(directory);
    for (; walk.on_key() && walk.key[pack_text::account_id] < code; walk.go_on()) range.from += walk.lines;
    const KeyWalk first = walk;
    for (; walk.on_key() && walk.key[pack_text::account_id] == code; walk.go_on()) range.count += walk.lines;
    if (walk.failed() || range.count == 0 || range.to() > range.all) return Errc::binary_malformed;

    std::array<std::span<std::uint32_t>, pack_key_columns> codes;
    for (std::size_t column = 0; column < pack_key_columns; ++column) {
        if (columns.texts[column].words.size() < 2) continue;
        codes[column] = memory.array<std::uint32_t>(range.count);
        if (!codes[column].data()) return Errc::out_of_memory;
        columns.texts[column].codes = codes[column];
    }
    walk = first;
    for (std::size_t line = 0; line < range.count; line += walk.lines, walk.go_on())
        for (std::size_t column = 0; column < pack_key_columns; ++column)
            if (!codes[column].empty()) std::fill_n(codes[column].begin() + static_cast<std::ptrdiff_t>(line), walk.lines, walk.key[column]);
    return Done{};
}

}  // namespace

Result<AccountLines> read_account(Bytes pack, std::string_view account, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(parts, undamaged_parts(pack));
    PARTNER_BONUS_TRY(directory, PackDirectory::open(pack));
    AccountLines lines;
    LineRange range{parts.lines, 0, 0};
    const Status keys = read_keys(directory, account, range, lines.columns, memory);
    if (!keys) return keys.error();
    if (range.count == 0) return lines;
    lines.from = range.from;
    lines.columns.lines = range.count;
    std::size_t bytes_left = max_pack_words_bytes;
    const Status columns = read_columns(
        parts, lines.columns, [&](WireReader &wire, Text &column) { return read_text(wire, range, column, bytes_left, memory); },
        [&](WireReader &wire, Number &column, Amount &greatest) { return read_number(wire, range, column, greatest, memory); });
    if (!columns) return columns.error();
    return lines;
}

}  // namespace partner_bonus
