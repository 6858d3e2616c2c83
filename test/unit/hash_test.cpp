#include "core/hash.hpp"

#include <gtest/gtest.h>

#include "dice.hpp"

namespace partner_bonus::test {
namespace {

std::uint64_t hash_of(std::uint64_t seed, std::initializer_list<std::uint64_t> words)
{
    Hash hash(seed);
    for (const std::uint64_t word : words) hash.add(word);
    return hash.value();
}

TEST(Hash, is_frozen)
{
    // As test/unit/frozen.py computes them; the first is the first number of SplitMix64.
    EXPECT_EQ(hash_of(0x0, {}), 0xe220a8397b1dcdafU);
    EXPECT_EQ(hash_of(0x0, {0x0}), 0xa706dd2f4d197e6fU);
    EXPECT_EQ(hash_of(0x1, {}), 0x910a2dec89025cc1U);
    EXPECT_EQ(hash_of(0xffffffffffffffff, {0xffffffffffffffff, 0x1, 0x8000000000000000}), 0xfc48699bd8862736U);
}

TEST(Hash, a_wide_number_is_its_two_halves)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const int128 wide = dice.wide(127);
        Hash hash(seed.value);
        hash.add(wide);
        RC_ASSERT(hash.value() ==
                  hash_of(seed.value, {static_cast<std::uint64_t>(wide), static_cast<std::uint64_t>(wide >> 64)}));
    });
}

TEST(Hash, order_and_seed_count)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const std::uint64_t a = dice.next();
        const std::uint64_t b = dice.next();
        RC_ASSERT(hash_of(0, {a, b}) != hash_of(0, {b, a}));
        RC_ASSERT(hash_of(a, {a}) != hash_of(b, {a}));
        RC_ASSERT(hash_of(0, {a}) != hash_of(0, {a, 0}));
    });
}

}  // namespace
}  // namespace partner_bonus::test
