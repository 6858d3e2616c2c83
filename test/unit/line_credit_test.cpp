#include "core/line_credit.hpp"

#include <gtest/gtest.h>

#include "pack_values.hpp"

namespace partner_bonus::test {
namespace {

TEST(LineCredits, are_those_of_the_lines)
{
    holds([](const Lines &lines) {
        Arena arena;
        for (const DayPack &day : packs_of(lines, arena)) {
            const PackColumns columns = must(read_pack(day.pack, arena));
            const PackLines whole = must(PackLines::open(columns, arena));
            const LineCredits credits(columns);
            UsageLine line;
            for (std::size_t index = 0; index < whole.count(); ++index) {
                whole.get(index, line);
                RC_ASSERT(at_full_scale(credits.of(index)) == at_full_scale(line.credit));
            }
        }
    });
}

TEST(LineCredits, without_parts_are_zero)
{
    Arena arena;
    OwnLine line;
    for (std::size_t column = 0; column < pack_text::key_end; ++column) line.texts[column] = "x";
    const PackColumns columns = must(read_pack(pack_of({line}, arena), arena));
    const Decimal credit = LineCredits(columns).of(0);
    EXPECT_EQ(credit.units, 0);
    EXPECT_EQ(credit.scale, 0);
}

}  // namespace
}  // namespace partner_bonus::test
