#include "core/result.hpp"

#include <gtest/gtest.h>

namespace partner_bonus::test {
namespace {

struct Pair {
    int first;
    int second;
};

Result<int> half(int x)
{
    if (x % 2 != 0) return Error{Errc::amount_malformed, "odd", x};
    return x / 2;
}

Result<Pair> halves(int x, int y)
{
    PARTNER_BONUS_TRY(first, half(x));
    PARTNER_BONUS_TRY(second, half(y));
    return Pair{first, second};
}

TEST(Result, is_a_value_or_an_error)
{
    EXPECT_TRUE(half(4));
    EXPECT_EQ(*half(4), 2);
    EXPECT_FALSE(half(3));
    EXPECT_EQ(half(3).error().code, Errc::amount_malformed);
    EXPECT_EQ(half(3).error().subject, "odd");
    EXPECT_EQ(half(3).error().at, 3);
}

TEST(Result, the_first_error_ends_a_function)
{
    EXPECT_EQ(halves(4, 6)->first, 2);
    EXPECT_EQ(halves(4, 6)->second, 3);
    EXPECT_EQ(halves(1, 3).error().at, 1);
    EXPECT_EQ(halves(2, 3).error().at, 3);
}

TEST(Result, a_code_alone_is_an_error)
{
    const Status status = Errc::out_of_memory;
    EXPECT_FALSE(status);
    EXPECT_TRUE(status.error().subject.empty());
    EXPECT_TRUE(Status(Done{}));
}

}  // namespace
}  // namespace partner_bonus::test
