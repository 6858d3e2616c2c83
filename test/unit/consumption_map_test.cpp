#include "core/consumption_map.hpp"

#include <gtest/gtest.h>

#include <string>

#include "map_values.hpp"

namespace partner_bonus::test {
namespace {

// Bytes written down in hexadecimal; spaces are for the reader.
std::vector<std::byte> bytes(const std::string &digits)
{
    std::vector<std::byte> result;
    std::string pair;
    for (const char digit : digits) {
        if (digit != ' ') pair += digit;
        if (pair.size() < 2) continue;
        result.push_back(static_cast<std::byte>(std::stoi(pair, nullptr, 16)));
        pair.clear();
    }
    return result;
}

Errc refused(const std::string &digits)
{
    Arena arena;
    return error_of(consumption_map_from_binary(bytes(digits), arena));
}

// One word in a dictionary: words * 2, characters shared, characters * 2, the character (capital, so that it is not packed).
const std::string word_a = "02 0002 41";
const std::string four_words = word_a + word_a + word_a + word_a;
const std::string key_0 = "0000000000";
const std::string no_consumption = "03 010000";
const std::string one_unit = "05 0100012202";  // 2000-01-03: 1

TEST(ConsumptionMap, bytes_are_frozen)
{
    Arena arena;
    EXPECT_EQ(hex(map_of({}, arena)), "01000000000000");
    Used used{{"A", "B", "C", "", "D"}, {15, 1}, {}, {}, {{-250, 3}, true}};
    const Bytes map = map_of({{0, false, {used}}, {1, false, {{{"A", "B", "B", "", "D"}, {}, {}, {}, {}}}}}, arena);
    // dictionaries; two keys; places, lines, reward, length, consumption
    EXPECT_TRUE(same(map, bytes("01 02000241 02000242 04000242000243 03 02000244  02"
                                "0000000000 02 00 03 010000"
                                "0000010000 02 03 31 05 010101021e")))
        << hex(map);
}

TEST(ConsumptionMap, binary_returns)
{
    holds([](const Packs &packs) {
        Arena arena;
        const Bytes map = map_of(packs, arena);
        RC_ASSERT(same(must(consumption_map_from_binary(map, arena)), map));
    });
}

TEST(ConsumptionMap, accepts_nothing_but_the_one_way_to_write_a_map)
{
    holds([](const Packs &packs, Seed seed) {
        Arena arena;
        Dice dice = seed.dice();
        const auto forged = tampered(map_of(packs, arena), dice);
        const auto map = consumption_map_from_binary(forged, arena);
        if (!map) {
            RC_ASSERT(map.error().code == Errc::binary_malformed || map.error().code == Errc::binary_version);
            return;
        }
        ConsumptionMapReader reader = must(ConsumptionMapReader::open(forged, arena));
        for (MapEntry entry; reader.next(entry);) RC_ASSERT(!entry.zero());
        RC_ASSERT(!reader.failed() && same(*map, forged));
    });
}

TEST(ConsumptionMap, refuses_what_is_not_canonical)
{
    Arena arena;
    const std::string words = "01" + word_a + four_words;
    EXPECT_TRUE(consumption_map_from_binary(bytes(words + "01" + key_0 + "02 00" + no_consumption), arena));
    EXPECT_TRUE(consumption_map_from_binary(bytes(words + "01" + key_0 + "00 00" + one_unit), arena));
    EXPECT_EQ(refused(""), Errc::binary_malformed);
    EXPECT_EQ(refused("02"), Errc::binary_version);
    EXPECT_EQ(refused("01"), Errc::binary_malformed) << "ends early";
    EXPECT_EQ(refused(words + "02" + key_0 + "02 00" + no_consumption), Errc::binary_malformed) << "a key less than it says";
    EXPECT_EQ(refused(words + "7f" + key_0 + "02 00" + no_consumption), Errc::binary_malformed) << "more keys than bytes";
    EXPECT_EQ(refused(words + "01" + key_0 + "02 00" + no_consumption + "00"), Errc::binary_malformed) << "a byte too many";
    EXPECT_EQ(refused(words + "01" + key_0 + "00 00" + no_consumption), Errc::binary_malformed) << "nothing left";
    EXPECT_EQ(refused(words + "01" + key_0 + "00 01 00" + no_consumption), Errc::binary_malformed) << "a reward of nothing";
    EXPECT_EQ(refused(words + "01" + key_0 + "02 02 14" + no_consumption), Errc::binary_malformed) << "1.0 as a reward";
    EXPECT_EQ(refused(words + "01" + key_0 + "02 14 02" + no_consumption), Errc::binary_malformed) << "19 decimals";
    EXPECT_EQ(refused(words + "01" + key_0 + "02 01 feffffffffffffffffffffffffffffffffff03" + no_consumption), Errc::binary_malformed)
        << "a reward out of range";
    EXPECT_EQ(refused(words + "01" + key_0 + "8200 00" + no_consumption), Errc::binary_malformed) << "lines written too long";
    EXPECT_EQ(refused(words + "01" + key_0 + "82808080808080808002 00" + no_consumption), Errc::binary_malformed) << "lines beyond 64 bits";
    EXPECT_EQ(refused(words + "01" + key_0 + "02 00 03 020000"), Errc::binary_version) << "a later consumption";
    EXPECT_EQ(refused(words + "01" + key_0 + "02 00 04 01000000"), Errc::binary_malformed) << "a longer consumption";
    EXPECT_EQ(refused(words + "01 0000000001 02 00" + no_consumption), Errc::binary_malformed) << "a word that is not there";
    EXPECT_EQ(refused(words + "02" + key_0 + "02 00" + no_consumption + key_0 + "02 00" + no_consumption), Errc::binary_malformed)
        << "a key twice";
    EXPECT_EQ(refused("01 04 000241 000242" + four_words + "01" + key_0 + "02 00" + no_consumption), Errc::binary_malformed)
        << "a word that no key uses";
}

TEST(ConsumptionMap, reading_stops_where_bytes_are_wrong)
{
    Arena arena;
    const std::string words = "01" + word_a + four_words;
    for (const std::string &key : {"0000000001" "02 00" + no_consumption, key_0 + "02 14 02" + no_consumption, key_0 + "02 00 09 010000"}) {
        const auto map = bytes(words + "02" + key + key_0 + "02 00" + no_consumption + "0000000000");
        ConsumptionMapReader reader = must(ConsumptionMapReader::open(map, arena));
        EXPECT_EQ(reader.left(), 2U);
        MapEntry entry;
        // The third has taken bytes of the next key.
        while (reader.next(entry)) EXPECT_EQ(entry.key, MapEntry().key);
        EXPECT_TRUE(reader.failed());
        EXPECT_FALSE(reader.next(entry));
    }
}

TEST(ConsumptionMap, says_when_memory_runs_out)
{
    Arena whole;
    const Bytes map = map_of({{0, false, {{{"A", "B", "C", "", "D"}, {15, 1}, {}, {}, {}}}}}, whole);
    expect_out_of_memory_at_every_request([map](const Memory &memory) { return consumption_map_from_binary(map, memory); });
}

}  // namespace
}  // namespace partner_bonus::test
