#include "core/memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "arena.hpp"
#include "core/int128.hpp"

namespace partner_bonus::test {
namespace {

template <class T>
bool aligned(const T *data)
{
    return reinterpret_cast<std::uintptr_t>(data) % alignof(T) == 0;
}

TEST(Memory, gives_arrays_as_aligned_as_their_items)
{
    Arena arena;
    ASSERT_NE(reinterpret_cast<std::uintptr_t>(arena.allocate(1)) % alignof(int128), 0U) << "the host aligns to eight bytes";
    const auto wide = arena.memory().array<int128>(3);
    EXPECT_EQ(wide.size(), 3U);
    EXPECT_TRUE(aligned(wide.data()));
    wide.back() = -1;
    const auto narrow = arena.memory().array<char>(5);
    EXPECT_EQ(narrow.size(), 5U);
    narrow.back() = 'x';
}

TEST(Memory, an_empty_array_is_not_the_lack_of_memory)
{
    Arena arena;
    const auto none = arena.memory().array<int128>(0);
    EXPECT_NE(none.data(), nullptr);
    EXPECT_TRUE(none.empty());
}

TEST(Memory, refuses_what_no_host_has_without_asking)
{
    Arena arena;
    EXPECT_EQ(arena.memory().array<int128>(Memory::max_bytes / sizeof(int128) + 1).data(), nullptr);
    EXPECT_EQ(arena.memory().array<int128>(SIZE_MAX).data(), nullptr);
    EXPECT_EQ(arena.requests(), 0U);
}

TEST(Memory, runs_out)
{
    Arena arena(1);
    EXPECT_NE(arena.memory().array<int128>(1).data(), nullptr);
    EXPECT_EQ(arena.memory().array<int128>(1).data(), nullptr);
}

TEST(Memory, a_block_lasts_as_long_as_it_does)
{
    Arena arena;
    Block block(24, arena);
    const Memory memory = block.memory();
    const auto first = memory.array<char>(9);
    const auto second = memory.array<std::int64_t>(1);
    EXPECT_EQ(static_cast<void *>(first.data() + 16), second.data());
    EXPECT_EQ(arena.requests(), 1U);
    EXPECT_NE(memory.array<char>(1).data(), nullptr);
    EXPECT_EQ(arena.requests(), 2U);
    Arena none(0);
    Block nothing(24, none);
    EXPECT_EQ(nothing.memory().array<char>(1).data(), nullptr);
}

}  // namespace
}  // namespace partner_bonus::test
