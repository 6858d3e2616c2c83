// Random sets of days: ranges that ascend and do not touch, as the server's multiranges.
#pragma once

#include <ostream>
#include <vector>

#include "core/consumption.hpp"
#include "dice.hpp"

namespace partner_bonus {

inline bool operator==(const DayRange &a, const DayRange &b) { return a.from == b.from && a.to == b.to; }

}  // namespace partner_bonus

namespace partner_bonus::test {

struct Range : DayRange {
    static void draw(Dice &dice, int, std::vector<Range> &ranges)
    {
        Day at = dice.one_in(2) ? static_cast<Day>(dice.between(first_day, last_day)) : static_cast<Day>(9760 + dice.below(40));
        if (dice.one_in(4)) at = unbounded_before;
        for (std::size_t left = dice.below(6); left > 0; --left) {
            const bool to_the_end = dice.one_in(12);
            const std::int64_t start = at == unbounded_before ? 9760 : at;
            const auto to = static_cast<Day>(start + dice.between(1, dice.one_in(6) ? 100'000 : 8));
            ranges.push_back({{at, to_the_end ? unbounded_after : to}});
            if (to_the_end || to > last_day) return;
            at = to + static_cast<Day>(dice.between(1, 8));
        }
    }
};

inline std::ostream &operator<<(std::ostream &out, const Range &range)
{
    return out << '[' << range.from << ',' << range.to << ')';
}

using Ranges = Series<Range>;

inline std::vector<DayRange> days_of(const std::vector<Range> &ranges) { return {ranges.begin(), ranges.end()}; }

inline bool contains(const std::vector<Range> &ranges, Day day)
{
    for (const Range &range : ranges)
        if (range.from <= day && day < range.to) return true;
    return false;
}

// The days that are not in `ranges`.
inline std::vector<Range> outside(const std::vector<Range> &ranges)
{
    std::vector<Range> gaps;
    Day at = unbounded_before;
    for (const Range &range : ranges) {
        if (range.from > at) gaps.push_back({{at, range.from}});
        at = range.to;
    }
    if (at != unbounded_after) gaps.push_back({{at, unbounded_after}});
    return gaps;
}

}  // namespace partner_bonus::test
