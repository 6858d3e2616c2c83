// Usage lines in tests: random ones with every field, what they say as texts to be compared, and packs taken apart and put
// together again as a forger would.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "arena.hpp"
#include "bytes.hpp"
#include "core/checksum.hpp"
#include "core/pack_format.hpp"
#include "core/packer.hpp"
#include "dice.hpp"
#include "../lib/pack_lines.hpp"

namespace partner_bonus::test {

// The texts of a line, by their column in a pack.
inline constexpr std::array<std::string_view UsageLine::*, pack_text::count> text_members{
    &UsageLine::account_id, &UsageLine::service_id, &UsageLine::sku_id,       &UsageLine::currency,     &UsageLine::charge_category,
    &UsageLine::pricing_unit, &UsageLine::cloud_id, &UsageLine::folder_id,    &UsageLine::resource_id,  nullptr,
    &UsageLine::account_name, &UsageLine::service_name, &UsageLine::sku_name, &UsageLine::cloud_name,   &UsageLine::folder_name,
    &UsageLine::locale,     &UsageLine::updated_at, &UsageLine::exported_at};
inline constexpr std::array optional_members{&UsageLine::pricing_quantity, &UsageLine::volume_incentive_credit, &UsageLine::cud_credit,
                                             &UsageLine::misc_credit, &UsageLine::reward};
inline constexpr std::array required_members{&UsageLine::cost, &UsageLine::credit, &UsageLine::monetary_grant_credit};

inline int128 at_full_scale(const Decimal &decimal) { return decimal.units * power_of_ten(amount_scale - decimal.scale); }

// With the smallest scale, as numbers of files are.
inline Decimal smallest(Decimal decimal)
{
    if (decimal.units == 0) return {};
    const int zeros = trailing_zeros(decimal.units, decimal.scale);
    return {drop_zeros(decimal.units, zeros), decimal.scale - zeros};
}

// What a line says, field by field: the same texts, the same line.
using Facts = std::vector<std::string>;

inline Facts facts_of(const UsageLine &line)
{
    const auto number = [](const Decimal &value) { return decimal_text(at_full_scale(value)); };
    Facts facts;
    for (const auto member : text_members) {
        if (member == nullptr) continue;
        const std::string_view text = line.*member;
        facts.push_back(text.data() == nullptr ? "missing" : '=' + std::string(text));
    }
    for (const auto member : required_members) facts.push_back(number(line.*member));
    for (const auto member : optional_members) facts.push_back((line.*member).given ? number((line.*member).value) : "missing");
    std::vector<std::string> attributes;
    for (const auto &[name, value] : line.attributes) attributes.push_back(std::string(name) + "\n=" + std::string(value));
    std::ranges::sort(attributes);
    facts.insert(facts.end(), attributes.begin(), attributes.end());
    return facts;
}

// A line that owns its texts.
struct OwnLine {
    Day day{};
    std::array<std::optional<std::string>, pack_text::count> texts;  // that of attributes is not used
    std::array<Decimal, required_members.size()> required{};
    std::array<OptionalDecimal, optional_members.size()> optional{};
    std::vector<std::pair<std::string, std::string>> attributes;

    static void draw(Dice &dice, int size, std::vector<OwnLine> &lines);

    // What the line points to stays valid as long as this and `room`.
    UsageLine usage(std::vector<Attribute> &room) const
    {
        UsageLine line;
        line.usage_day = day;
        for (std::size_t column = 0; column < texts.size(); ++column)
            if (text_members[column] != nullptr && texts[column]) line.*text_members[column] = *texts[column];
        for (std::size_t i = 0; i < required.size(); ++i) line.*required_members[i] = required[i];
        for (std::size_t i = 0; i < optional.size(); ++i) line.*optional_members[i] = optional[i];
        room.clear();
        for (const auto &[name, value] : attributes) room.push_back({name, value});
        line.attributes = room;
        return line;
    }
    Facts facts() const
    {
        std::vector<Attribute> room;
        return facts_of(usage(room));
    }
};

inline std::ostream &operator<<(std::ostream &out, const OwnLine &line)
{
    out << "day " << line.day;
    for (const std::string &fact : line.facts()) out << " | " << fact;
    return out;
}

using Lines = Series<OwnLine>;

inline std::optional<std::string> random_word(Dice &dice, std::size_t column)
{
    const bool required = column < pack_text::key_end;
    const std::string name = std::to_string(column);
    switch (dice.below(10)) {
        case 0: return required ? std::optional<std::string>("r" + name) : std::nullopt;
        case 1: return "";
        case 2: return "b1g" + std::to_string(dice.below(3)) + "kq8v7t3mzd5n0p" + name;
        case 3: return "Виртуальная машина " + name;
        case 4: return "a" + std::string(dice.below(9), 'z');
        default: return "w" + name + "-" + std::to_string(dice.below(3));
    }
}

inline Decimal random_number(Dice &dice, bool large)
{
    const auto scale = static_cast<int>(dice.between(0, large ? amount_scale : 6));
    return smallest({dice.wide(large ? 59 + 3 * scale : 24), scale});
}

// Gives one field of a line another value.
inline void change(OwnLine &line, Dice &dice, bool large)
{
    const std::size_t texts = line.texts.size();
    const std::size_t field = dice.below(texts + line.required.size() + line.optional.size());
    if (field == pack_text::attributes) {
        const std::string name = "label" + std::to_string(dice.below(12));
        if (std::erase_if(line.attributes, [&](const auto &each) { return each.first == name; }) == 0)
            line.attributes.emplace_back(name, dice.one_in(4) ? "" : "a:" + std::to_string(dice.below(3)));
        dice.shuffle(line.attributes);
    } else if (field < texts) {
        line.texts[field] = random_word(dice, field);
    } else if (field < texts + line.required.size()) {
        line.required[field - texts] = random_number(dice, large);
    } else {
        const bool given = !dice.one_in(4);
        line.optional[field - texts - line.required.size()] = {given ? random_number(dice, large) : Decimal{}, given};
    }
}

// Lines again, lines that differ from another in one field, days again; money, or numbers beyond 64 bits.
inline void OwnLine::draw(Dice &dice, int size, std::vector<OwnLine> &lines)
{
    const bool large = dice.one_in(3);
    const int days = dice.one_in(2) ? 1 : 3;
    for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 10 + 2); left > 0; --left) {
        OwnLine line;
        for (std::size_t column = 0; column < pack_text::key_end; ++column) line.texts[column] = random_word(dice, column);
        if (!lines.empty() && !dice.one_in(4)) line = dice.of(lines);
        std::size_t changes = dice.below(dice.one_in(6) ? 30 : 4);
        if (lines.empty()) changes += 12;
        for (; changes > 0; --changes) change(line, dice, large);
        line.day = static_cast<Day>(dice.between(-1, days - 2)) * 400;
        lines.push_back(line);
    }
}

inline Status add_all(UsagePacker &packer, const std::vector<OwnLine> &lines)
{
    std::vector<Attribute> room;
    for (const OwnLine &line : lines) {
        const Status added = packer.add(line.usage(room));
        if (!added) return added;
    }
    return Done{};
}

inline std::vector<DayPack> packs_of(const std::vector<OwnLine> &lines, const Memory &memory)
{
    UsagePacker packer(memory);
    must(add_all(packer, lines));
    must(packer.finish());
    std::vector<DayPack> packs;
    for (DayPack each; must(packer.next(each, memory));) packs.push_back(each);
    return packs;
}

// The pack of lines of one day.
inline Bytes pack_of(const std::vector<OwnLine> &lines, const Memory &memory)
{
    const auto packs = packs_of(lines, memory);
    EXPECT_EQ(packs.size(), 1U);
    return packs.front().pack;
}

// What lines say, in their order.
inline std::vector<Facts> lines_of(const PackColumns &columns, const Memory &memory)
{
    const PackLines lines = must(PackLines::open(columns, memory));
    std::vector<Facts> facts;
    UsageLine line;
    for (std::size_t index = 0; index < lines.count(); ++index) {
        lines.get(index, line);
        facts.push_back(facts_of(line));
    }
    return facts;
}

inline std::vector<Facts> lines_of(Bytes pack)
{
    Arena arena;
    return lines_of(must(read_pack(pack, arena)), arena);
}

// A pack of the lines of a pack, by a fresh packer.
inline Bytes packed_again(Bytes pack, const Memory &memory)
{
    const PackColumns columns = must(read_pack(pack, memory));
    if (columns.lines == 0) return must(empty_pack(memory));
    const PackLines lines = must(PackLines::open(columns, memory));
    UsagePacker packer(memory);
    UsageLine line;
    for (std::size_t index = lines.count(); index-- > 0;) {
        lines.get(index, line);
        must(packer.add(line));
    }
    must(packer.finish());
    DayPack again;
    EXPECT_TRUE(must(packer.next(again, memory)));
    return again.pack;
}

// A pack in pieces that can be changed; sealed() is what a forger would send: sizes and checksum are right.
struct Pieces {
    std::size_t lines{};
    std::vector<std::byte> directory;
    std::vector<std::byte> content;
    std::vector<std::byte> remarks;

    static Pieces of(Bytes pack)
    {
        const PackParts parts = must(pack_parts(pack));
        const auto owned = [](Bytes bytes) { return std::vector<std::byte>(bytes.begin(), bytes.end()); };
        return {parts.lines, owned(parts.directory), owned(parts.content), owned(parts.remarks)};
    }
    std::vector<std::byte> sealed() const
    {
        std::vector<std::byte> body(4 * varint_max_bytes + directory.size() + content.size() + remarks.size());
        WireWriter wire(body);
        wire.varint(lines);
        for (const auto *part : {&directory, &content, &remarks}) wire.varint(part->size());
        for (const auto *part : {&directory, &content, &remarks}) wire.bytes(*part);
        body.resize(wire.written().size());
        return sealed(body);
    }
    static std::vector<std::byte> sealed(Bytes body)
    {
        std::vector<std::byte> pack(pack_preamble + body.size());
        WireWriter wire(pack);
        wire.byte(pack_version);
        wire.fixed64(checksum(body));
        wire.bytes(body);
        return pack;
    }
};

// Whether a pack is the one that is made of its lines: what full validation has to find out without making it.
inline bool written_the_same(Bytes pack)
{
    Arena arena;
    const auto columns = read_pack(pack, arena);
    if (!columns) return false;
    const auto written = write_pack(*columns, arena);
    return written && same(*written, pack) && same(packed_again(pack, arena), pack);
}

inline bool accepted(Bytes pack)
{
    Arena arena;
    const auto result = usage_pack_from_binary(pack, arena);
    EXPECT_TRUE(result ? same(*result, pack) : result.error().code == Errc::binary_malformed || result.error().code == Errc::binary_version);
    EXPECT_EQ(static_cast<bool>(result), written_the_same(pack));
    return static_cast<bool>(result);
}

// Whether a pack is refused, or is the one pack of its lines.
inline bool canonical_or_refused(Bytes pack)
{
    if (!accepted(pack)) return true;
    Arena arena;
    return same(packed_again(pack, arena), pack);
}

}  // namespace partner_bonus::test
