// Bytes that are accepted as a rate schedule are the one way to write it, and every operation can bear them.
#include "blocks.hpp"
#include "core/rate_schedule.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    const Bytes bytes = std::as_bytes(std::span(data, size));
    Blocks memory;
    const auto value = schedule_from_binary(bytes, memory);
    require_told_when_out_of_memory(size % 3, [bytes](Memory few) { return schedule_from_binary(bytes, few); });
    if (!value) return 0;
    require(same(*value, bytes));

    const auto printed = schedule_to_text(*value, memory);
    require(static_cast<bool>(printed));
    const auto read = schedule_from_text(*printed, memory);
    require(read && same(*read, bytes));

    const auto steps = schedule_steps(*value, memory);
    require(static_cast<bool>(steps));
    for (const Day day : {first_day, 0, last_day}) {
        const Rate rate = rate_at(*steps, day);
        require(rate >= -rate_limit && rate <= rate_limit);
    }
    require(schedule_compare(*steps, *steps) == 0);
    const auto nothing = schedule_subtract(*value, bytes, memory);
    require(nothing && nothing->size() == 4);
    if (const auto twice = schedule_add(*value, *value, memory)) {
        const auto once = schedule_subtract(*twice, *value, memory);
        require(once && same(*once, bytes));
    }
    const DayRange days{0, 9999};
    const auto restricted = schedule_restrict(*value, {&days, 1}, memory);
    require(restricted && schedule_from_binary(*restricted, memory));
    const auto capped = schedule_cap(*value, rate_one, memory);
    require(capped && schedule_from_binary(*capped, memory));
    return 0;
}
