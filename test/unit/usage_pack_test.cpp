#include "core/usage_pack.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "pack_values.hpp"

namespace partner_bonus::test {
namespace {

OwnLine use(const std::string &cost = "10.5")
{
    OwnLine line;
    const std::array<const char *, pack_text::key_end> key{"b1gaccount0", "compute", "dn2k3vqlk9snp1jv351u", "RUB", "Usage"};
    for (std::size_t column = 0; column < key.size(); ++column) line.texts[column] = key[column];
    line.required[0] = cost == "10.5" ? Decimal{105, 1} : Decimal{std::stoll(cost), 0};
    return line;
}

// Every field, runs of codes and packed ones, numbers that are mostly 0.
std::vector<OwnLine> every_field()
{
    OwnLine full = use();
    const auto set = [&full](pack_text::Column column, const char *text) { full.texts[column] = text; };
    set(pack_text::account_name, "Счёт");
    set(pack_text::cloud_id, "b1gcloud");
    set(pack_text::cloud_name, "");
    set(pack_text::folder_id, "b1gfolder");
    set(pack_text::folder_name, "Prod 1");
    set(pack_text::resource_id, "fhm-1");
    set(pack_text::service_name, "Compute Cloud");
    set(pack_text::sku_name, "vCPU");
    set(pack_text::pricing_unit, "core*hour");
    set(pack_text::locale, "ru");
    set(pack_text::updated_at, "2026-10-02T03:04:05Z");
    set(pack_text::exported_at, "2026-10-02T04:00:00Z");
    full.attributes = {{"команда", "web:1"}, {"env", "prod"}};
    full.required = {{{105, 1}, {-725, 2}, {-3, 0}}};
    full.optional = {{{{1, 18}, true}, {{-2, 0}, true}, {{}, true}, {{-2, 0}, true}, {{-105, 2}, true}}};
    OwnLine empty = use();
    empty.texts[pack_text::resource_id] = "";
    empty.optional[4].given = true;
    OwnLine dollars = use();
    dollars.texts[pack_text::currency] = "USD";
    dollars.required = {{{-power_of_ten(18), 0}, {power_of_ten(18), 0}, {}}};
    return {full, empty, dollars};
}

std::vector<OwnLine> runs_and_zeros()
{
    std::vector<OwnLine> lines;
    for (int i = 0; i < 40; ++i) {
        lines.push_back(use(std::to_string(std::max(i - 30, 0))));
        lines.back().texts[pack_text::folder_id] = "folder" + std::to_string(i / 20);
        lines.back().texts[pack_text::resource_id] = "Res" + std::to_string(i * 7 % 5);
    }
    return lines;
}

// Computed by frozen.py. They are stored values: what is read here is read for ever.
TEST(UsagePack, stored_form_is_frozen)
{
    struct Frozen {
        std::vector<OwnLine> lines;
        std::string stored;
    };
    const std::vector<Frozen> all{
        {{},
         "01392a275ae90f9c2f00100d0801000100010001000100000000000000000000000008090908080809080000000000000000"},
        {{use()},
         "018225b710dfab83f0014010080b020017b4f31ae5f41405000802000f021545891010020029b3995da5bab57ca8e7add42ec7060200065255420802"
         "000a55736167650101000100000021d2010303030303080101d2010908080809080303030303030303"},
        {every_field(),
         "0121968e18588b03d803608e01710b020017b4f31ae5f41405000802000f021545891010020029b3995da5bab57ca8e7add42ec70b04000652554200"
         "065553440802000a557361676502020001010002025fa40305d106d10125ffffbf9e91c191c79502808080b1ac8bafc7d715050012636f72652a686f"
         "7572000205001105f41a15f701000205001374f41a8ddc3c0002070000000a66686d2d310009050046333a656e76343a70726f6431343ad0bad0bed0"
         "bcd0b0d0bdd0b4d0b0353a7765623a310002020212020101d201d201ffffbf9e91c191c7950205000205020200030a020202000305020631808080b1"
         "ac8bafc7d71506030202d101050010d0a1d187d191d182000205001a436f6d7075746520436c6f75640002050008764350550002050000000205000c"
         "50726f6420310002050005ea030002050028323032362d31302d30325430333a30343a30355a0002050028323032362d31302d30325430343a30303a"
         "30305a0002"},
        {runs_and_zeros(),
         "01f48ed7a48c422e6428404d080b020017b4f31ae5f41405000802000f021545891010020029b3995da5bab57ca8e7add42ec7060200065255420802"
         "000a557361676501010000000000810a5a030304000f32f191310f06030101140014010a0008526573300303010303020303030303040000902492b4"
         "6d240900492249db469203080500000080cccc0a0610020c0812040e0908080809080303030303030303"},
    };
    for (const auto &[lines, stored] : all) {
        Arena arena;
        const Bytes pack = lines.empty() ? must(empty_pack(arena)) : pack_of(lines, arena);
        EXPECT_EQ(hex(pack), stored);
        EXPECT_TRUE(accepted(pack));
    }
}

TEST(UsagePack, checksum_is_frozen)
{
    const auto checksum_of = [](std::size_t size) {
        std::vector<std::byte> bytes;
        for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(size == 1 ? 'a' : i));
        return checksum(bytes);
    };
    EXPECT_EQ(checksum_of(0), 0x28cf63bb74ed8a27U);
    EXPECT_EQ(checksum_of(1), 0xf5e1e06c151c641fU);
    EXPECT_EQ(checksum_of(31), 0xf4a26b2859d7afdeU);
    EXPECT_EQ(checksum_of(100), 0x4de521d483456ebcU);
}

TEST(UsagePack, lines_come_back_in_their_order)
{
    Arena arena;
    const auto lines = every_field();
    const auto facts = lines_of(pack_of(lines, arena));
    ASSERT_EQ(facts.size(), 3U);
    EXPECT_EQ(facts[0], lines[1].facts()) << "a missing unit comes before others";
    EXPECT_EQ(facts[1], lines[0].facts());
    EXPECT_EQ(facts[2], lines[2].facts());
}

TEST(UsagePack, an_empty_pack_has_no_lines)
{
    Arena arena;
    const Bytes pack = must(empty_pack(arena));
    EXPECT_EQ(must(pack_line_count(pack)), 0U);
    EXPECT_TRUE(lines_of(pack).empty());
    // Columns of no lines have one way to be, too.
    for (std::size_t number = 0; number < pack_number::count; ++number)
        for (const auto given : {PackColumns::Given::never, PackColumns::Given::always}) {
            PackColumns columns = must(read_pack(pack, arena));
            const bool same_as_before = columns.numbers[number].given == given;
            columns.numbers[number].given = given;
            EXPECT_EQ(accepted(must(write_pack(columns, arena))), same_as_before) << number;
        }
}

TEST(UsagePack, every_changed_bit_and_byte_is_noticed)
{
    Arena arena;
    for (const auto &lines : {every_field(), runs_and_zeros()}) {
        const Bytes pack = pack_of(lines, arena);
        std::vector<std::byte> changed(pack.begin(), pack.end());
        Arena fleeting;
        for (std::size_t at = 0; at < pack.size(); ++at) {
            for (unsigned change = 1; change < 256; ++change) {
                changed[at] = pack[at] ^ static_cast<std::byte>(change);
                ASSERT_FALSE(usage_pack_from_binary(changed, fleeting)) << at << ": " << change;
            }
            changed[at] = pack[at];
        }
        for (std::size_t size = 0; size < pack.size(); ++size) ASSERT_FALSE(accepted(pack.first(size))) << size;
        changed.push_back({});
        EXPECT_FALSE(accepted(changed));
    }
}

TEST(UsagePack, versions_to_come_are_told)
{
    Arena arena;
    const Bytes pack = pack_of(every_field(), arena);
    std::vector<std::byte> later(pack.begin(), pack.end());
    later[0] = std::byte{pack_version + 1};
    for (const Error error : {usage_pack_from_binary(later, arena).error(), pack_parts(later).error(), pack_line_count(later).error()}) {
        EXPECT_EQ(error.code, Errc::binary_version);
        EXPECT_EQ(error.at, pack_version + 1);
    }
    EXPECT_EQ(error_of(usage_pack_content({})), Errc::binary_malformed);
    EXPECT_EQ(error_of(pack_line_count({})), Errc::binary_malformed);
}

// What a forger who makes sizes and checksum right could send: each byte of each part changed, left out, put in twice, or
// made the beginning of a longer number.
TEST(UsagePack, no_part_can_be_written_otherwise)
{
    Arena arena;
    for (const auto &lines : {every_field(), runs_and_zeros()}) {
        const Pieces whole = Pieces::of(pack_of(lines, arena));
        EXPECT_TRUE(accepted(whole.sealed()));
        int accepted_changes = 0;
        for (const auto part : {&Pieces::directory, &Pieces::content, &Pieces::remarks}) {
            for (std::size_t at = 0; at < (whole.*part).size(); ++at) {
                const auto place = static_cast<std::ptrdiff_t>(at);
                const auto expect_refused = [&](const Pieces &pieces) { EXPECT_FALSE(accepted(pieces.sealed())) << at; };
                for (unsigned change = 1; change < 256; change = change < 16 ? change + 1 : change * 2) {
                    Pieces pieces = whole;
                    (pieces.*part)[at] ^= static_cast<std::byte>(change);
                    const auto sealed = pieces.sealed();
                    ASSERT_TRUE(canonical_or_refused(sealed)) << at << ": " << change;
                    accepted_changes += accepted(sealed);
                }
                Pieces pieces = whole;
                (pieces.*part)[at] |= std::byte{0x80};
                (pieces.*part).insert((pieces.*part).begin() + place + 1, std::byte{0});
                expect_refused(pieces);
                pieces = whole;
                (pieces.*part).insert((pieces.*part).begin() + place, (pieces.*part)[at]);
                EXPECT_TRUE(canonical_or_refused(pieces.sealed()));
                pieces = whole;
                (pieces.*part).erase((pieces.*part).begin() + place);
                EXPECT_TRUE(canonical_or_refused(pieces.sealed()));
                pieces = whole;
                (pieces.*part).resize(at);
                expect_refused(pieces);
            }
            Pieces pieces = whole;
            (pieces.*part).push_back({});
            EXPECT_FALSE(accepted(pieces.sealed()));
        }
        EXPECT_GT(accepted_changes, 50) << "other letters and costs make other packs";
    }
}

TEST(UsagePack, sizes_are_written_one_way)
{
    Arena arena;
    const Pieces whole = Pieces::of(pack_of(every_field(), arena));
    const std::array<std::size_t, 4> sizes{whole.lines, whole.directory.size(), whole.content.size(), whole.remarks.size()};
    const auto with = [&](std::size_t longer, std::array<std::size_t, 4> told) {
        std::vector<std::byte> body(5000);
        WireWriter wire(body);
        for (std::size_t i = 0; i < told.size(); ++i) {
            std::array<std::byte, varint_max_bytes + 1> room;
            WireWriter number(room);
            number.varint(told[i]);
            if (i == longer) {
                room[number.written().size() - 1] |= std::byte{0x80};
                number.byte(0);
            }
            wire.bytes(number.written());
        }
        for (const auto *part : {&whole.directory, &whole.content, &whole.remarks}) wire.bytes(*part);
        body.resize(wire.written().size());
        return accepted(Pieces::sealed(body));
    };
    EXPECT_TRUE(with(4, sizes));
    for (std::size_t number = 0; number < 4; ++number) {
        EXPECT_FALSE(with(number, sizes)) << number;
        for (const std::size_t wrong : {std::size_t{0}, sizes[number] - 1, sizes[number] + 1, max_pack_lines + 1, std::size_t{1} << 40}) {
            auto told = sizes;
            told[number] = wrong;
            EXPECT_FALSE(with(4, told)) << number << ": " << wrong;
            if (number > 1) {
                told[number - 1] += sizes[number] - wrong;
                EXPECT_FALSE(with(4, told)) << number << ": " << wrong;
            }
        }
    }
}

// The columns of a pack, to be changed and written again.
struct Forged : PackColumns {
    Forged(const PackColumns &columns, Arena &memory) : PackColumns(columns), arena(memory) {}

    std::span<std::string_view> words(std::size_t column, std::size_t more = 0)
    {
        const auto copy = arena.memory().array<std::string_view>(texts[column].words.size() + more);
        std::ranges::copy(texts[column].words, copy.begin());
        texts[column].words = copy;
        return copy;
    }
    std::span<std::uint32_t> codes(std::size_t column)
    {
        const auto copy = arena.memory().array<std::uint32_t>(lines);
        for (std::size_t line = 0; line < lines; ++line) copy[line] = texts[column].code(line);
        texts[column].codes = copy;
        return copy;
    }
    std::span<int128> units(std::size_t column)
    {
        const auto copy = arena.memory().array<int128>(lines);
        for (std::size_t line = 0; line < lines; ++line) copy[line] = numbers[column].unit(line);
        numbers[column].units = copy;
        return copy;
    }
    std::span<std::uint8_t> is_given(std::size_t column)
    {
        const auto copy = arena.memory().array<std::uint8_t>(lines);
        for (std::size_t line = 0; line < lines; ++line) copy[line] = numbers[column].has(line) ? 1 : 0;
        numbers[column].is_given = copy;
        numbers[column].given = Given::sometimes;
        return copy;
    }

    Arena &arena;
};

class Forgery : public ::testing::Test {
   protected:
    // Whether a pack of these lines is accepted when its columns were changed before they were written.
    bool accepts(const std::vector<OwnLine> &lines, const std::function<void(Forged &)> &change)
    {
        Forged columns(must(read_pack(pack_of(lines, arena_), arena_)), arena_);
        change(columns);
        return accepted(must(write_pack(columns, arena_)));
    }
    std::vector<OwnLine> two(std::size_t column, const char *a, const char *b) const
    {
        std::vector<OwnLine> lines{use(), use()};
        lines[0].texts[column] = a;
        lines[1].texts[column] = b;
        return lines;
    }

    Arena arena_;
};

TEST_F(Forgery, unchanged_is_accepted)
{
    for (const auto &lines : {every_field(), runs_and_zeros()}) EXPECT_TRUE(accepts(lines, [](Forged &) {}));
}

TEST_F(Forgery, words_are_used_and_ascend)
{
    for (std::size_t column = 0; column < pack_text::count; ++column) {
        if (column == pack_text::attributes) continue;
        const auto lines = two(column, "a", "c");
        EXPECT_TRUE(accepts(lines, [&](Forged &pack) { pack.words(column)[1] = "d"; })) << column;
        EXPECT_FALSE(accepts(lines, [&](Forged &pack) { pack.words(column, 1)[2] = "d"; })) << "not used " << column;
        EXPECT_FALSE(accepts(lines, [&](Forged &pack) { pack.words(column)[1] = "a"; })) << "twice " << column;
        EXPECT_FALSE(accepts(lines, [&](Forged &pack) { pack.words(column)[0] = "d"; })) << "descending " << column;
        EXPECT_FALSE(accepts(lines, [&](Forged &pack) { pack.words(column)[1] = "\xc3"; })) << "no UTF-8 " << column;
        EXPECT_FALSE(accepts(lines, [&](Forged &pack) { pack.words(column)[1] = std::string_view("c\0", 2); })) << "NUL " << column;
        EXPECT_EQ(accepts(lines, [&](Forged &pack) { pack.words(column)[0] = {}; }), column >= pack_text::key_end) << "missing " << column;
        EXPECT_TRUE(accepts(lines, [&](Forged &pack) { pack.words(column)[0] = ""; })) << "empty " << column;
        EXPECT_FALSE(accepts(lines, [&](Forged &pack) {
            const auto codes = pack.codes(column);
            std::swap(codes[0], codes[1]);
        })) << "lines descend " << column;
        EXPECT_FALSE(accepts({use()}, [&](Forged &pack) { pack.texts[column].words = {}; })) << "no word for a line " << column;
    }
}

TEST_F(Forgery, attributes_are_pairs_by_name)
{
    auto lines = two(pack_text::resource_id, "a", "b");
    lines[0].attributes = lines[1].attributes = {{"env", "prod"}};
    const auto with = [&](std::string_view word) { return accepts(lines, [&](Forged &pack) { pack.words(pack_text::attributes)[0] = word; }); };
    EXPECT_TRUE(with("3:env4:prod"));
    EXPECT_TRUE(with("0:0:1:a0:"));
    for (const char *wrong : {"", "3:env", "3:env4:pro", "3:env4:prodx", "03:env4:prod", "1:b0:1:a0:", "1:a0:1:a0:", "x"}) EXPECT_FALSE(with(wrong)) << wrong;
}

TEST_F(Forgery, numbers_have_the_smallest_scale)
{
    const std::vector<OwnLine> lines{use("1"), use("2")};
    const auto set = [](Forged &pack, std::size_t column, int scale, int128 a, int128 b) {
        const auto units = pack.units(column);
        units[0] = a;
        units[1] = b;
        pack.numbers[column].scale = scale;
    };
    EXPECT_TRUE(accepts(lines, [&](Forged &pack) { set(pack, pack_number::cost, 1, 10, 21); }));
    EXPECT_FALSE(accepts(lines, [&](Forged &pack) { set(pack, pack_number::cost, 1, 10, 20); }));
    EXPECT_FALSE(accepts(lines, [&](Forged &pack) { set(pack, pack_number::cost, 1, 20, 15); })) << "lines descend";
    EXPECT_TRUE(accepts(lines, [&](Forged &pack) { set(pack, pack_number::cost, 18, 0, 1); }));
    EXPECT_FALSE(accepts(lines, [&](Forged &pack) { set(pack, pack_number::pricing_quantity, 0, 1, 1); })) << "not given";
}

TEST_F(Forgery, numbers_are_given_as_they_must_be)
{
    const std::vector<OwnLine> lines{use("1"), use("1")};
    for (std::size_t column = 0; column < pack_number::count; ++column) {
        const bool required = column == pack_number::cost || column == pack_number::monetary_grant_credit || column == pack_number::credit_rest;
        const auto given = [&](std::uint8_t first, std::uint8_t second) {
            return accepts(lines, [&](Forged &pack) {
                const auto marks = pack.is_given(column);
                marks[0] = first;
                marks[1] = second;
                if (column == pack_number::cost) pack.numbers[column].units = {};
            });
        };
        EXPECT_FALSE(given(0, 0)) << column;
        EXPECT_FALSE(given(1, 1)) << column;
        EXPECT_EQ(given(0, 1), !required) << column;
        EXPECT_FALSE(given(1, 0)) << "lines descend " << column;
        EXPECT_TRUE(accepts(lines, [&](Forged &pack) { pack.numbers[column].given = PackColumns::Given::always; })) << column;
    }
}

TEST_F(Forgery, numbers_are_within_their_bounds)
{
    const auto with = [&](std::size_t column, int scale, int128 units) {
        return accepts({use()}, [&](Forged &pack) {
            pack.units(column)[0] = units;
            pack.numbers[column].scale = scale;
            pack.numbers[column].given = PackColumns::Given::always;
        });
    };
    const int128 most = power_of_ten(18);
    for (std::size_t column = 0; column < pack_number::count; ++column) {
        const bool any_amount = column == pack_number::pricing_quantity || column == pack_number::reward;
        for (const int128 sign : {1, -1}) {
            EXPECT_TRUE(with(column, 0, sign * most)) << column;
            EXPECT_EQ(with(column, 0, sign * (most + 1)), any_amount) << column;
            EXPECT_EQ(with(column, 0, sign * 170 * most), any_amount) << column;
            EXPECT_FALSE(with(column, 0, sign * 171 * most)) << column;
            EXPECT_EQ(with(column, amount_scale, sign * amount_max), any_amount) << column;
        }
    }
    EXPECT_FALSE(with(pack_number::pricing_quantity, amount_scale, int128_min)) << "has no magnitude";
    // The credit is within, its parts add up to more on the way.
    const auto sum = [&](int128 grant, int128 misc, int128 rest) {
        return accepts({use()}, [&](Forged &pack) {
            for (const auto &[column, value] : {std::pair{pack_number::monetary_grant_credit, grant}, {pack_number::misc_credit, misc}, {pack_number::credit_rest, rest}}) {
                if (column == pack_number::misc_credit) pack.numbers[column].given = PackColumns::Given::always;
                if (value != 0) pack.units(column)[0] = value;
            }
        });
    };
    EXPECT_TRUE(sum(most, most, -2 * most));
    EXPECT_TRUE(sum(-most, -most, 3 * most));
    EXPECT_FALSE(sum(most, most, 0));
    EXPECT_FALSE(sum(-most, -most, most - 1));
    EXPECT_FALSE(sum(most, most, 169 * most));
    EXPECT_FALSE(sum(most, most, -169 * most));
    EXPECT_FALSE(sum(0, 0, -169 * most));
}

// Codes and zeros can be written in two ways each; the other way has to be written by hand.
class OtherForms : public ::testing::Test {
   protected:
    static std::vector<std::byte> bytes(const std::function<void(WireWriter &)> &write)
    {
        std::vector<std::byte> room(20'000);
        WireWriter wire(room);
        write(wire);
        room.resize(wire.written().size());
        return room;
    }
    // Puts `other` where `form` is, for the first time, in the content.
    bool accepts(const std::vector<OwnLine> &lines, Bytes form, Bytes other)
    {
        Arena arena;
        Pieces pieces = Pieces::of(pack_of(lines, arena));
        const auto found = std::search(pieces.content.begin(), pieces.content.end(), form.begin(), form.end());
        EXPECT_NE(found, pieces.content.end()) << hex(form) << " in " << hex(pieces.content);
        if (found == pieces.content.end()) return true;
        pieces.content.insert(pieces.content.erase(found, found + static_cast<std::ptrdiff_t>(form.size())), other.begin(), other.end());
        return accepted(pieces.sealed());
    }
    std::vector<std::byte> unit_codes(std::initializer_list<std::string_view> words, const std::vector<int> &codes)
    {
        return bytes([&](WireWriter &wire) {
            write_words(wire, words);
            for (const int code : codes) wire.byte(static_cast<std::uint8_t>(code));
        });
    }
    std::vector<OwnLine> with_units(std::size_t first, std::size_t second)
    {
        std::vector<OwnLine> lines(first + second, use());
        for (std::size_t i = 0; i < lines.size(); ++i) lines[i].texts[pack_text::pricing_unit] = i < first ? "m" : "n";
        return lines;
    }
};

TEST_F(OtherForms, codes_take_the_form_with_fewer_bytes)
{
    const auto few = with_units(2, 2);
    const auto packed = unit_codes({"m", "n"}, {codes_packed, 0b1100});
    EXPECT_TRUE(accepts(few, packed, packed));
    EXPECT_FALSE(accepts(few, packed, unit_codes({"m", "n"}, {codes_in_runs, 2, 0, 2, 1})));
    EXPECT_FALSE(accepts(few, packed, unit_codes({"m", "n"}, {2, 0b1100}))) << "a form that is none";
    EXPECT_FALSE(accepts(few, packed, unit_codes({"m", "n"}, {codes_packed, 0b101100}))) << "bits behind the codes";

    const auto many = with_units(40, 40);
    const auto in_runs = unit_codes({"m", "n"}, {codes_in_runs, 40, 0, 40, 1});
    EXPECT_TRUE(accepts(many, in_runs, in_runs));
    EXPECT_FALSE(accepts(many, in_runs, unit_codes({"m", "n"}, {codes_packed, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255})));
    EXPECT_FALSE(accepts(many, in_runs, unit_codes({"m", "n"}, {codes_in_runs, 20, 0, 20, 0, 40, 1}))) << "runs that touch";
    EXPECT_FALSE(accepts(many, in_runs, unit_codes({"m", "n"}, {codes_in_runs, 40, 0, 41, 1}))) << "more than there are";
    EXPECT_FALSE(accepts(many, in_runs, unit_codes({"m", "n"}, {codes_in_runs, 40, 0, 0, 1, 40, 1}))) << "an empty run";
    EXPECT_FALSE(accepts(many, in_runs, unit_codes({"m", "n"}, {codes_in_runs, 40, 0, 40, 2}))) << "no such word";
    EXPECT_FALSE(accepts(many, in_runs, unit_codes({"m", "n"}, {codes_in_runs, 80, 0}))) << "a word that is not used";
    const auto three = with_units(1, 1);
    EXPECT_FALSE(accepts(three, unit_codes({"m", "n"}, {codes_packed, 2}), unit_codes({"m", "n", "o"}, {codes_packed, 2}))) << "more words than lines";
}

TEST_F(OtherForms, a_code_without_a_word_is_refused)
{
    std::vector<OwnLine> lines(5, use());
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].texts[pack_text::pricing_unit] = std::string(1, static_cast<char>('m' + i % 3));
    const auto codes = [&](unsigned last) {
        return bytes([&](WireWriter &wire) {
            const std::array<std::string_view, 3> words{"m", "n", "o"};
            write_words(wire, words);
            wire.byte(codes_packed);
            wire.byte(0b01010000);
            wire.byte(static_cast<std::uint8_t>(last));
        });
    };
    EXPECT_TRUE(accepts(lines, codes(2), codes(2)));
    EXPECT_FALSE(accepts(lines, codes(2), codes(3)));
}

TEST_F(OtherForms, zeros_are_marked_where_that_pays)
{
    const auto costs = [](std::initializer_list<int> all) {
        std::vector<OwnLine> lines;
        for (const int cost : all) lines.push_back(use(std::to_string(cost)));
        return lines;
    };
    const auto number = [&](std::initializer_list<int> all) {
        return bytes([&](WireWriter &wire) {
            for (const int byte : all) wire.byte(static_cast<std::uint8_t>(byte));
        });
    };
    // How it is given, scale, perhaps marks, units; before it no quantity.
    const auto plain = number({0x08, 0x01, 0, 2, 4, 6, 8});
    EXPECT_TRUE(accepts(costs({1, 2, 3, 4}), plain, plain));
    EXPECT_FALSE(accepts(costs({1, 2, 3, 4}), plain, number({0x08, 0x05, 0, 15, 2, 4, 6, 8}))) << "marked without zeros";
    EXPECT_FALSE(accepts(costs({1, 2, 3, 4}), plain, number({0x08, 0x11, 0, 2, 4, 6, 8}))) << "a mark that is none";
    EXPECT_FALSE(accepts(costs({1, 2, 3, 4}), plain, number({0x08, 0x03, 0, 2, 4, 6, 8}))) << "given in a fourth way";
    EXPECT_FALSE(accepts(costs({1, 2, 3, 4}), plain, number({0x08, 0x01, 19, 2, 4, 6, 8}))) << "19 decimals";
    const auto marked = number({0x08, 0x05, 0, 12, 2, 4});
    EXPECT_TRUE(accepts(costs({0, 0, 1, 2}), marked, marked));
    EXPECT_FALSE(accepts(costs({0, 0, 1, 2}), marked, number({0x08, 0x01, 0, 0, 0, 2, 4}))) << "not marked";
    EXPECT_FALSE(accepts(costs({0, 0, 1, 2}), marked, number({0x08, 0x05, 0, 14, 0, 2, 4}))) << "a zero marked as none";
    const auto zeros = number({0x08, 0x09});
    EXPECT_TRUE(accepts(costs({0, 0, 0}), zeros, zeros));
    EXPECT_FALSE(accepts(costs({0, 0, 0}), zeros, number({0x08, 0x01, 0, 0, 0, 0})));
}

// A directory of other lines: one key where there are many, other sums.
TEST(UsagePack, directory_and_lines_belong_together)
{
    Arena arena;
    std::vector<OwnLine> one_key(200, use("1"));
    std::vector<OwnLine> many_keys = one_key;
    for (std::size_t i = 0; i < many_keys.size(); ++i) {
        many_keys[i].texts[0] = "account" + std::to_string(i);
        many_keys[i].required[0] = {power_of_ten(18), 0};
    }
    Pieces pieces = Pieces::of(pack_of(one_key, arena));
    pieces.content = Pieces::of(pack_of(many_keys, arena)).content;
    EXPECT_FALSE(accepted(pieces.sealed())) << "the sums do not tell of these lines";
    for (OwnLine &line : many_keys) line.required[0] = {max_line_amount - 1, amount_scale};
    pieces.content = Pieces::of(pack_of(many_keys, arena)).content;
    EXPECT_FALSE(accepted(pieces.sealed())) << "the sums of these lines are beyond the range";
    for (OwnLine &line : many_keys) {
        line.required[0] = {};
        line.required[1] = {max_line_amount / power_of_ten(amount_scale), 0};
        line.optional[3] = {{1, amount_scale}, true};
    }
    pieces.content = Pieces::of(pack_of(many_keys, arena)).content;
    EXPECT_FALSE(accepted(pieces.sealed())) << "the sums are, with the decimals that they need";
    pieces = Pieces::of(pack_of(one_key, arena));
    --pieces.lines;
    EXPECT_FALSE(accepted(pieces.sealed()));
}

// A pack of few bytes, of whose words each has all that the one before has but for its last digits.
TEST(UsagePack, words_of_all_columns_together_are_bounded)
{
    Arena arena;
    const std::size_t lines = 8192;
    std::vector<std::string> texts;
    const auto columns_of = [&](std::size_t long_columns, std::size_t length) {
        texts.clear();
        for (std::size_t line = 0; line < lines; ++line) texts.push_back(std::string(length, 'A') + std::to_string(10'000 + line));
        PackColumns columns = must(read_pack(must(empty_pack(arena)), arena));
        columns.lines = lines;
        const auto words = arena.memory().array<std::string_view>(lines);
        const auto codes = arena.memory().array<std::uint32_t>(lines);
        for (std::size_t line = 0; line < lines; ++line) {
            words[line] = texts[line];
            codes[line] = static_cast<std::uint32_t>(line);
        }
        static constexpr std::array<std::string_view, 1> one{"a"};
        static constexpr std::array<std::string_view, 1> none{};
        for (std::size_t column = 0; column < pack_text::count; ++column) {
            columns.texts[column] = {column < pack_text::key_end ? one : none, {}};
            if (column >= pack_text::account_name && column < pack_text::account_name + long_columns) columns.texts[column] = {words, codes};
        }
        return must(write_pack(columns, arena));
    };
    const std::size_t half = max_words_bytes / lines - 6;  // of each word, but for five digits; the other columns have a few bytes, too
    EXPECT_TRUE(usage_pack_from_binary(columns_of(2, half), arena)) << "as many as there may be";
    const Bytes forged = columns_of(3, half);
    EXPECT_LT(forged.size(), std::size_t{1} << 20);
    EXPECT_EQ(error_of(usage_pack_from_binary(forged, arena)), Errc::binary_malformed);
    EXPECT_EQ(error_of(read_pack(forged, arena)), Errc::binary_malformed);
}

TEST(UsagePack, tampered_packs_are_refused_or_others)
{
    holds([](Lines lines, Seed seed) {
        if (lines.empty()) return;
        Arena arena;
        for (OwnLine &line : lines) line.day = 0;
        Dice dice = seed.dice();
        const Bytes pack = pack_of(lines, arena);
        const auto changed = tampered(pack, dice);
        RC_ASSERT(same(changed, pack) || !accepted(changed));
        Pieces pieces = Pieces::of(pack);
        auto &part = dice.one_in(3) ? pieces.directory : dice.one_in(3) ? pieces.remarks : pieces.content;
        part = tampered(part, dice);
        RC_ASSERT(canonical_or_refused(pieces.sealed()));
    });
}

TEST(UsagePack, says_when_memory_runs_out)
{
    Arena whole;
    for (const auto &lines : {every_field(), runs_and_zeros()}) {
        const Bytes pack = pack_of(lines, whole);
        expect_out_of_memory_at_every_request([pack](const Memory &memory) { return usage_pack_from_binary(pack, memory); }, 2);
        expect_out_of_memory_at_every_request([pack](const Memory &memory) -> Result<std::size_t> {
            PARTNER_BONUS_TRY(columns, read_pack(pack, memory));
            PARTNER_BONUS_TRY(open, PackLines::open(columns, memory));
            return open.count();
        });
    }
    expect_out_of_memory_at_every_request([](const Memory &memory) { return empty_pack(memory); }, 2);
}

}  // namespace
}  // namespace partner_bonus::test
