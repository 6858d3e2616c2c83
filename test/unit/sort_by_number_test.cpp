#include "core/sort_by_number.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "dice.hpp"

namespace partner_bonus::test {
namespace {

struct Item {
    std::uint64_t number;
    std::size_t place;
    bool operator==(const Item &) const = default;
};

std::vector<Item> sorted(std::vector<Item> items, std::size_t more_room = 0)
{
    std::vector<Item> room(items.size() + more_room);
    sort_by_number(std::span(items), std::span(room), [](const Item &item) { return item.number; });
    return items;
}

TEST(SortByNumber, ascends_and_leaves_equal_ones_in_their_order)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const int shift = static_cast<int>(dice.below(60));
        const auto most = dice.between(0, 70'000);
        std::vector<Item> items;
        for (std::size_t left = dice.below(600); left > 0; --left)
            items.push_back({static_cast<std::uint64_t>(dice.between(0, most)) << shift | 1, items.size()});
        auto expected = items;
        std::stable_sort(expected.begin(), expected.end(), [](const Item &a, const Item &b) { return a.number < b.number; });
        RC_ASSERT(sorted(items) == expected);
        RC_ASSERT(sorted(items, 3) == expected);
    });
}

TEST(SortByNumber, takes_every_byte_into_account)
{
    for (int byte = 0; byte < 8; ++byte) {
        const std::uint64_t high = std::uint64_t{0x80} << (8 * byte);
        EXPECT_EQ(sorted({{high, 0}, {1, 1}, {0, 2}}), (std::vector<Item>{{0, 2}, {1, 1}, {high, 0}})) << byte;
    }
}

TEST(SortByNumber, of_nothing_is_nothing) { EXPECT_TRUE(sorted({}).empty()); }

}  // namespace
}  // namespace partner_bonus::test
