// The idea of it all: a bonus is the inner product of what was consumed on each day and the rate of that day.
#pragma once

#include <span>

#include "consumption.hpp"
#include "memory.hpp"
#include "rate_schedule.hpp"
#include "result.hpp"

namespace partner_bonus {

// Base (cost + grant credit + other credits) times rate, summed over the days. Exact: a count of 10^-exact_scale units.
Int256 discount(Bytes consumption, std::span<const Step> schedule) noexcept;

// The same, told by the schedule's segments: those in which something was consumed. Days before the first and after the
// last step are segments too.
struct ExplainedSegment {
    DayRange days;
    Rate rate;
    Int256 cost;  // at amount_scale, as the next two
    Int256 grant_credit;
    Int256 other_credit;
    Int256 base;
    Int256 bonus;  // at exact_scale
};
Result<std::span<const ExplainedSegment>> explain(Bytes consumption, std::span<const Step> schedule,
                                                  const Memory &memory) noexcept;

}  // namespace partner_bonus
