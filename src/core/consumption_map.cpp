#include "consumption_map.hpp"

#include <algorithm>

#include "consumption.hpp"

namespace partner_bonus {

namespace {

constexpr std::uint8_t stored_version = 1;

// Of the parts of an entry: an entry has at least these, so that forged numbers of entries ask for little memory.
constexpr std::size_t least_entry_shift = 3;  // 8 bytes

constexpr std::size_t entry_room(const MapEntry &entry) noexcept
{
    return (pack_key_columns + 4) * varint_max_bytes + entry.consumption.size();
}

std::size_t map_room(const MapWords &words, std::span<const MapEntry> entries) noexcept
{
    std::size_t room = 1 + varint_max_bytes;
    for (const Words &column : words) room += words_room(column);
    for (const MapEntry &entry : entries) room += entry_room(entry);
    return room;
}

void write_entry(WireWriter &wire, const MapEntry &entry) noexcept
{
    for (const std::uint32_t place : entry.key) wire.varint(place);
    wire.signed_varint(entry.lines);
    if (entry.reward.given) {
        const auto &[units, scale] = entry.reward.value;
        const int zeros = trailing_zeros(units, scale);
        wire.byte(static_cast<std::uint8_t>(1 + scale - zeros));
        wire.signed_varint(drop_zeros(units, zeros));
    } else {
        wire.byte(0);
    }
    wire.varint(entry.consumption.size());
    wire.bytes(entry.consumption);
}

// Marks which words of the map its keys use.
class UsedWords {
   public:
    static Result<UsedWords> none(const MapWords &words, const Memory &memory) noexcept
    {
        UsedWords used;
        for (std::size_t column = 0; column < words.size(); ++column) {
            used.marks_[column] = memory.array<bool>(words[column].size());
            if (!used.marks_[column].data()) return Errc::out_of_memory;
            std::fill(used.marks_[column].begin(), used.marks_[column].end(), false);
        }
        return used;
    }
    void mark(const MapEntry &entry) noexcept
    {
        for (std::size_t column = 0; column < marks_.size(); ++column) marks_[column][entry.key[column]] = true;
    }
    bool all() const noexcept
    {
        return std::all_of(marks_.begin(), marks_.end(), [](std::span<const bool> column) {
            return std::find(column.begin(), column.end(), false) == column.end();
        });
    }

   private:
    std::array<std::span<bool>, pack_key_columns> marks_;
};

}  // namespace

bool MapEntry::zero() const noexcept
{
    return lines == 0 && reward.value.units == 0 && ConsumptionReader(consumption).days_left() == 0;
}

Result<ConsumptionMapReader> ConsumptionMapReader::open(Bytes map, const Memory &memory) noexcept
{
    WireReader wire(map);
    const std::uint8_t version = wire.byte();
    if (wire.ran_out()) return Errc::binary_malformed;
    if (version != stored_version) return Error{Errc::binary_version, {}, version};
    ConsumptionMapReader reader;
    for (Words &column : reader.words_) {
        PARTNER_BONUS_TRY(words, read_words(wire, map.size(), memory));
        column = words;
    }
    const uint128 count = wire.varint();
    if (count > (wire.left() >> least_entry_shift)) return Errc::binary_malformed;
    reader.left_ = static_cast<std::size_t>(count);
    reader.wire_ = wire;
    return reader;
}

bool ConsumptionMapReader::next(MapEntry &entry) noexcept
{
    if (left_ == 0) return false;
    --left_;
    for (std::size_t column = 0; column < words_.size(); ++column) {
        const uint128 place = wire_.varint();
        failed_ |= place >= words_[column].size();
        entry.key[column] = static_cast<std::uint32_t>(place);
    }
    entry.lines = static_cast<std::int64_t>(wire_.signed_varint());
    const std::uint8_t scale = wire_.byte();
    entry.reward = {};
    if (scale > 0) entry.reward = {{wire_.signed_varint(), scale - 1}, true};
    entry.consumption = wire_.bytes(wire_.varint());
    failed_ |= wire_.ran_out() || scale > amount_scale + 1;
    if (failed_) left_ = 0;
    return !failed_;
}

Result<Bytes> write_consumption_map(const MapWords &words, std::span<const MapEntry> entries, const Memory &memory) noexcept
{
    const auto room = memory.array<std::byte>(map_room(words, entries));
    if (!room.data()) return Errc::out_of_memory;
    WireWriter wire(room);
    wire.byte(stored_version);
    for (const Words &column : words) write_words(wire, column);
    wire.varint(entries.size());
    for (const MapEntry &entry : entries) write_entry(wire, entry);
    return wire.written();
}

Result<Bytes> consumption_map_from_binary(Bytes bytes, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(opened, ConsumptionMapReader::open(bytes, memory));
    ConsumptionMapReader reader = opened;
    const auto entries = memory.array<MapEntry>(reader.left());
    if (!entries.data()) return Errc::out_of_memory;
    PARTNER_BONUS_TRY(unused, UsedWords::none(reader.words(), memory));
    UsedWords used = unused;
    std::size_t count = 0;
    for (MapEntry entry; reader.next(entry); entries[count++] = entry) {
        PARTNER_BONUS_TRY(consumption, consumption_from_binary(entry.consumption, memory));
        entry.consumption = consumption;
        if (entry.zero() || (count > 0 && entry.key <= entries[count - 1].key) || !to_amount(entry.reward.value))
            return Errc::binary_malformed;
        used.mark(entry);
    }
    if (!used.all()) return Errc::binary_malformed;
    // Whatever else may be wrong (missing or further bytes, a number written too long, a scale too large) shows in this.
    PARTNER_BONUS_TRY(canonical, write_consumption_map(reader.words(), entries.first(count), memory));
    if (!std::equal(bytes.begin(), bytes.end(), canonical.begin(), canonical.end())) return Errc::binary_malformed;
    return canonical;
}

}  // namespace partner_bonus
