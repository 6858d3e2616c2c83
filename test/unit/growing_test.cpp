#include "core/growing.hpp"

#include <gtest/gtest.h>

#include "arena.hpp"

namespace partner_bonus::test {
namespace {

TEST(Growing, keeps_what_it_has_while_it_grows)
{
    Arena arena;
    Growing<int> list;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(list.add(i, arena));
        ASSERT_EQ(list.back(), i);
    }
    ASSERT_EQ(list.size(), 1000U);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(list.items()[static_cast<std::size_t>(i)], i);
    EXPECT_LT(arena.requests(), 10U);
}

TEST(Growing, is_filled_again_without_more_memory)
{
    Arena arena;
    Growing<int> list;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(list.add(i, arena));
    const std::size_t requests = arena.requests();
    list.clear();
    EXPECT_EQ(list.size(), 0U);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(list.add(-i, arena));
    list[3] = 7;
    EXPECT_EQ(list[3], 7);
    EXPECT_EQ(arena.requests(), requests);
}

TEST(Growing, stays_as_it_is_when_memory_runs_out)
{
    Arena arena(1);
    Growing<int> list;
    int added = 0;
    while (list.add(added, arena)) ++added;
    EXPECT_EQ(list.size(), static_cast<std::size_t>(added));
    EXPECT_EQ(list.back(), added - 1);
}

}  // namespace
}  // namespace partner_bonus::test
