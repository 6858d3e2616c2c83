#include <algorithm>
#include <bit>

#include "checksum.hpp"
#include "pack_format.hpp"
#include "pack_sums.hpp"

namespace partner_bonus {

namespace {

using Text = PackColumns::Text;
using Number = PackColumns::Number;
using Given = PackColumns::Given;

constexpr std::size_t head_room = 1 + 8 + 4 * varint_max_bytes;
constexpr std::size_t key_room = 6 * varint_max_bytes;  // its distance, its lines and four sums

constexpr std::size_t text_room(const Text &column) noexcept { return 1 + column.codes.size() * sizeof(std::uint32_t) + 8; }

void write_text(WireWriter &wire, const Text &column) noexcept
{
    write_words(wire, column.words);
    if (column.words.size() < 2) return;
    const int bits = code_bits(column.words.size());
    if (shorter_in_runs(column.codes, packed_bytes(column.codes.size(), bits))) {
        wire.byte(codes_in_runs);
        for (std::size_t at = 0; at < column.codes.size();) {
            const std::size_t length = run_length(column.codes, at);
            wire.varint64(length);
            wire.varint64(column.codes[at]);
            at += length;
        }
        return;
    }
    wire.byte(codes_packed);
    BitWriter packed(wire);
    for (const std::uint32_t code : column.codes) packed.put(code, bits);
    packed.finish();
}

std::size_t number_room(const Number &column, std::size_t lines) noexcept
{
    return 2 + 2 * packed_bytes(lines, 1) + column.units.size() * varint_max_bytes;
}

void write_number(WireWriter &wire, const Number &column, std::size_t lines) noexcept
{
    std::size_t given = column.given == Given::always ? lines : 0;
    if (column.given == Given::sometimes) given = static_cast<std::size_t>(std::count(column.is_given.begin(), column.is_given.end(), 1));
    const std::size_t not_zero = column.units.visit([](auto units) {
        return units.size() - static_cast<std::size_t>(std::count(units.begin(), units.end(), 0));
    });
    const bool mark_zeros = marks_zeros(given, not_zero);
    wire.byte(static_cast<std::uint8_t>(static_cast<unsigned>(column.given) | (mark_zeros ? zeros_marked : 0U) | (not_zero == 0 ? zeros_only : 0U)));
    if (column.given == Given::sometimes) {
        BitWriter marks(wire);
        for (const std::uint8_t mark : column.is_given) marks.put(mark, 1);
        marks.finish();
    }
    if (not_zero == 0) return;
    wire.byte(static_cast<std::uint8_t>(column.scale));
    column.units.visit([&](auto units) {
        if (mark_zeros) {
            BitWriter marks(wire);
            for (std::size_t line = 0; line < lines; ++line)
                if (column.has(line)) marks.put(units[line] != 0 ? 1 : 0, 1);
            marks.finish();
        }
        const bool all_follow = column.given == Given::always && !mark_zeros;
        for (std::size_t line = 0; line < lines; ++line) {
            const auto unit = units[line];
            if (!all_follow && !(mark_zeros ? unit != 0 : column.has(line))) continue;
            fits_int64(unit) ? wire.roomy_varint64(zigzag64(static_cast<std::int64_t>(unit))) : wire.signed_varint(unit);
        }
    });
}

bool same_key(const PackColumns &columns, std::size_t a, std::size_t b) noexcept
{
    for (std::size_t column = 0; column < pack_text::key_end; ++column)
        if (columns.texts[column].code(a) != columns.texts[column].code(b)) return false;
    return true;
}

Status write_directory(WireWriter &wire, const PackColumns &columns, const Memory &memory) noexcept
{
    std::array<int, pack_text::key_end> bits{};
    for (std::size_t column = 0; column < pack_text::key_end; ++column) {
        const Words words = columns.texts[column].words;
        bits[column] = code_bits(words.size());
        const auto room = memory.array<std::byte>(words_room(words));
        if (!room.data()) return Errc::out_of_memory;
        WireWriter stored(room);
        write_words(stored, words);
        wire.varint64(stored.written().size());
        wire.bytes(stored.written());
    }

    // Keys and sums are written side by side, and put one behind the other.
    std::size_t keys = 0;
    for (std::size_t line = 0; line < columns.lines; ++line) keys += line == 0 || !same_key(columns, line - 1, line);
    const auto key_bytes = memory.array<std::byte>(keys * varint_max_bytes + 1);
    const auto sum_bytes = memory.array<std::byte>(keys * key_room + 1);
    if (!key_bytes.data() || !sum_bytes.data()) return Errc::out_of_memory;
    WireWriter key_wire(key_bytes);
    WireWriter sum_wire(sum_bytes);
    const KeyScales scales = key_scales(columns);
    uint128 before = 0;
    for (std::size_t from = 0, to = 0; from < columns.lines; from = to) {
        do ++to;
        while (to < columns.lines && same_key(columns, from, to));
        uint128 key = 0;
        for (std::size_t column = 0; column < pack_text::key_end; ++column) key = key << bits[column] | columns.texts[column].code(from);
        key_wire.varint(key - before);
        before = key;
        const KeySums sums = sum_up(columns, scales, from, to);
        if (sums.lines == 0) return Errc::amount_out_of_range;
        unsigned marks = sums.rewarded ? key_is_rewarded : 0;
        const std::array<int128, 4> all{sums.cost, sums.grant_credit, sums.other_credit, sums.reward};
        for (std::size_t i = 0; i < all.size(); ++i) marks |= all[i] != 0 ? 1U << i : 0U;
        sum_wire.varint64((to - from) << key_mark_bits | marks);
        for (const int128 &sum : all)
            if (sum != 0) sum_wire.signed_varint(sum);
    }
    wire.varint64(keys);
    wire.varint64(key_wire.written().size());
    wire.bytes(key_wire.written());
    for (const int scale : {scales.cost, scales.grant_credit, scales.other_credit, scales.reward}) wire.byte(static_cast<std::uint8_t>(scale));
    wire.bytes(sum_wire.written());
    return Done{};
}

}  // namespace

Result<Bytes> write_pack(const PackColumns &columns, const Memory &memory) noexcept
{
    std::size_t bytes = head_room + columns.lines * (varint_max_bytes + key_room) + 64;
    for (const Text &column : columns.texts) bytes += words_room(column.words) + text_room(column);
    for (const Number &column : columns.numbers) bytes += number_room(column, columns.lines);
    const auto room = memory.array<std::byte>(bytes);
    if (!room.data()) return Errc::out_of_memory;

    WireWriter wire(room.subspan(head_room));
    const Status directory = write_directory(wire, columns, memory);
    if (!directory) return directory.error();
    const std::size_t content_at = wire.written().size();
    for (std::size_t column = pack_text::key_end; column < pack_text::content_end; ++column) write_text(wire, columns.texts[column]);
    for (const Number &column : columns.numbers) write_number(wire, column, columns.lines);
    const std::size_t remarks_at = wire.written().size();
    for (std::size_t column = pack_text::content_end; column < pack_text::count; ++column) write_text(wire, columns.texts[column]);
    const std::size_t end = wire.written().size();

    // The head ends where the directory begins.
    std::array<std::byte, 4 * varint_max_bytes> sizes_room;
    WireWriter sizes(sizes_room);
    sizes.varint64(columns.lines);
    sizes.varint64(content_at);
    sizes.varint64(remarks_at - content_at);
    sizes.varint64(end - remarks_at);
    const auto checked = room.subspan(head_room - sizes.written().size(), sizes.written().size() + end);
    WireWriter(checked).bytes(sizes.written());
    const auto pack = room.subspan(head_room - sizes.written().size() - pack_preamble, pack_preamble + checked.size());
    WireWriter preamble(pack);
    preamble.byte(pack_version);
    preamble.fixed64(checksum(checked));
    return Bytes(pack);
}

Result<Bytes> empty_pack(const Memory &memory) noexcept
{
    PackColumns columns;
    for (const std::size_t required : {pack_number::cost, pack_number::monetary_grant_credit, pack_number::credit_rest})
        columns.numbers[required].given = Given::always;
    return write_pack(columns, memory);
}

}  // namespace partner_bonus
