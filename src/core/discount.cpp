#include "discount.hpp"

#include <algorithm>

namespace partner_bonus {

namespace {

// Calls `segment` for each step of the schedule in which something was consumed, with the sums of its days at the
// consumption's own scale.
template <class F>
void for_each_segment(ConsumptionReader &reader, std::span<const Step> schedule, F segment) noexcept
{
    DayAmounts entry;
    bool more = reader.next(entry);
    for (std::size_t step = 0; more;) {
        while (step + 1 < schedule.size() && schedule[step + 1].from <= entry.day) ++step;
        const Day end = step + 1 < schedule.size() ? schedule[step + 1].from : unbounded_after;
        ConsumptionSum sums;
        for (; more && entry.day < end; more = reader.next(entry)) sums.add(entry.amounts);
        segment(schedule[step], end, sums.total());
    }
}

std::int64_t to_exact(const ConsumptionReader &reader) noexcept
{
    return static_cast<std::int64_t>(power_of_ten(amount_scale - reader.scale()));
}

}  // namespace

Int256 discount(Bytes consumption, std::span<const Step> schedule) noexcept
{
    // most lines have no deal: then the days need not be read
    if (std::all_of(schedule.begin(), schedule.end(), [](const Step &step) { return step.rate == 0; })) return {};
    ConsumptionReader reader(consumption);
    Int256 total;
    for_each_segment(reader, schedule,
                     [&](const Step &step, Day, const ConsumptionTotal &sums) { total += sums.base() * step.rate; });
    return total * to_exact(reader);
}

Result<std::span<const ExplainedSegment>> explain(Bytes consumption, std::span<const Step> schedule,
                                                  const Memory &memory) noexcept
{
    ConsumptionReader reader(consumption);
    const std::int64_t factor = to_exact(reader);
    const auto segments = memory.array<ExplainedSegment>(schedule.size());
    if (!segments.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    for_each_segment(reader, schedule, [&](const Step &step, Day end, const ConsumptionTotal &sums) {
        const Int256 base = sums.base() * factor;
        segments[count++] = {.days = {step.from, end},
                             .rate = step.rate,
                             .cost = sums.cost * factor,
                             .grant_credit = sums.grant_credit * factor,
                             .other_credit = sums.other_credit * factor,
                             .base = base,
                             .bonus = base * step.rate};
    });
    return std::span<const ExplainedSegment>(segments.first(count));
}

}  // namespace partner_bonus
