#include "core/wire.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "dice.hpp"

namespace partner_bonus::test {
namespace {

std::vector<std::byte> written(uint128 value)
{
    std::array<std::byte, varint_max_bytes> room;
    WireWriter wire(room);
    wire.varint(value);
    return {wire.written().begin(), wire.written().end()};
}

std::vector<std::byte> bytes(std::initializer_list<int> values)
{
    std::vector<std::byte> result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

TEST(Wire, numbers_are_groups_of_seven_bits_lowest_first)
{
    EXPECT_EQ(written(0), bytes({0}));
    EXPECT_EQ(written(127), bytes({0x7f}));
    EXPECT_EQ(written(128), bytes({0x80, 0x01}));
    EXPECT_EQ(written(300), bytes({0xac, 0x02}));
    EXPECT_EQ(written(~uint128{0}).size(), varint_max_bytes);
    EXPECT_EQ(written(~uint128{0}).back(), std::byte{0x03});
}

TEST(Wire, signs_alternate)
{
    EXPECT_EQ(zigzag(0), uint128{0});
    EXPECT_EQ(zigzag(-1), uint128{1});
    EXPECT_EQ(zigzag(1), uint128{2});
    EXPECT_EQ(zigzag(int128_max), ~uint128{0} - 1);
    EXPECT_EQ(zigzag(int128_min), ~uint128{0});
    for (const int128 x : {int128{0}, int128{1}, int128{-1}, int128_max, int128_min}) EXPECT_EQ(unzigzag(zigzag(x)), x);
}

TEST(Wire, the_fast_way_writes_the_same)
{
    for (int bits = 0; bits <= 64; ++bits)
        for (const int below : {0, 1}) {
            const std::uint64_t number = static_cast<std::uint64_t>((uint128{1} << bits) - static_cast<unsigned>(below));
            std::array<std::byte, varint_max_bytes> room;
            WireWriter wire(room);
            wire.roomy_varint64(number);
            ASSERT_EQ((std::vector<std::byte>{wire.written().begin(), wire.written().end()}), written(number)) << number;
            const auto as_signed = static_cast<std::int64_t>(number);
            ASSERT_EQ(uint128{zigzag64(as_signed)}, zigzag(as_signed)) << number;
            ASSERT_EQ(unzigzag64(zigzag64(as_signed)), as_signed) << number;
        }
}

TEST(Wire, numbers_return_wherever_the_bytes_end)
{
    for (int bits = 0; bits <= 128; ++bits)
        for (std::size_t behind = 0; behind < 12; ++behind) {
            const uint128 number = bits == 0 ? 0 : ~uint128{0} >> (128 - bits);
            std::vector<std::byte> stored = written(number);
            const std::size_t size = stored.size();
            stored.resize(size + behind, std::byte{0xff});
            WireReader reader(stored);
            ASSERT_EQ(reader.varint(), number) << bits << " bits, " << behind << " bytes behind it";
            ASSERT_EQ(reader.left(), behind);
            ASSERT_FALSE(reader.ran_out());
            for (std::size_t cut = 0; cut < size; ++cut) {
                WireReader less(Bytes(stored).first(cut));
                (void)less.varint();
                ASSERT_TRUE(less.ran_out()) << bits << " bits, cut at " << cut;
            }
        }
}

TEST(Wire, every_number_returns)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const int128 number = dice.wide(127);
        const auto length = static_cast<std::uint8_t>(dice.next());
        std::array<std::byte, 1 + 2 * varint_max_bytes> room;
        WireWriter writer(room);
        writer.byte(length);
        writer.signed_varint(number);
        writer.varint(magnitude(number));

        WireReader reader(writer.written());
        RC_ASSERT(reader.byte() == length);
        RC_ASSERT(reader.signed_varint() == number);
        RC_ASSERT(reader.varint() == magnitude(number));
        RC_ASSERT(reader.left() == 0U);
        RC_ASSERT(!reader.ran_out());
    });
}

TEST(Wire, every_length_of_number_returns)
{
    for (int bits = 0; bits < 128; ++bits) {
        const uint128 value = uint128{1} << bits;
        for (const uint128 number : {value, value - 1}) {
            const auto encoded = written(number);
            WireReader reader(encoded);
            EXPECT_EQ(reader.varint(), number);
            EXPECT_EQ(reader.left(), 0U);
        }
    }
}

TEST(Wire, past_the_end_are_zeros)
{
    WireReader nothing{Bytes{}};
    EXPECT_FALSE(nothing.ran_out());
    EXPECT_EQ(nothing.byte(), 0);
    EXPECT_TRUE(nothing.ran_out());
    EXPECT_EQ(nothing.varint(), uint128{0});

    const auto cut = bytes({0x85});
    WireReader unfinished(cut);
    EXPECT_EQ(unfinished.varint(), uint128{5});
    EXPECT_TRUE(unfinished.ran_out());
}

TEST(Wire, numbers_of_more_bytes_than_needed_can_be_refused)
{
    for (int bits = 0; bits <= 128; ++bits)
        for (const std::size_t behind : {0, 12}) {
            const uint128 number = bits == 0 ? 0 : ~uint128{0} >> (128 - bits);
            const auto stored = written(number);
            ASSERT_EQ(varint_bytes(number), stored.size());
            auto longer = stored;
            longer.back() |= std::byte{0x80};
            longer.push_back({});
            const auto refused = [&](std::vector<std::byte> all, auto read) {
                all.resize(all.size() + behind, std::byte{0xff});
                WireReader reader(all);
                return !read(reader) || reader.ran_out() || reader.left() != behind;
            };
            const auto one = [&](WireReader &reader) { return reader.shortest_varint() == number; };
            const auto all_of = [&]<class Unsigned>(Unsigned) {
                return [&](WireReader &reader) {
                    uint128 read = 0;
                    return reader.shortest_varints<Unsigned>(1, [&](Unsigned value) { read = value; }) && read == number;
                };
            };
            EXPECT_FALSE(refused(stored, one)) << bits;
            EXPECT_TRUE(refused(longer, one)) << bits;
            EXPECT_FALSE(refused(stored, all_of(uint128{}))) << bits;
            EXPECT_TRUE(refused(longer, all_of(uint128{}))) << bits;
            EXPECT_EQ(refused(stored, all_of(std::uint64_t{})), bits > 64) << bits;
            EXPECT_TRUE(refused(longer, all_of(std::uint64_t{}))) << bits;
        }
}

TEST(Wire, a_number_longer_than_any_is_none)
{
    const std::vector<std::byte> endless(40, std::byte{0xff});
    WireReader reader(endless);
    EXPECT_EQ(reader.varint(), uint128{0});
    EXPECT_TRUE(reader.ran_out());
}

}  // namespace
}  // namespace partner_bonus::test
