// Bytes that are accepted as consumption are the one way to write it, and every operation can bear them.
#include "blocks.hpp"
#include "core/consumption.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    const Bytes bytes = std::as_bytes(std::span(data, size));
    Blocks memory;
    const auto value = consumption_from_binary(bytes, memory);
    require_told_when_out_of_memory(size % 3, [bytes](Memory few) { return consumption_from_binary(bytes, few); });
    if (!value) return 0;
    require(same(*value, bytes));

    const auto printed = consumption_to_text(*value, memory);
    require(static_cast<bool>(printed));
    const auto read = consumption_from_text(*printed, memory);
    require(read && same(*read, bytes));

    require(consumption_compare(*value, bytes) == 0);
    require(consumption_hash(*value, size) == consumption_hash(bytes, size));
    const auto nothing = consumption_subtract(*value, bytes, memory);
    require(nothing && consumption_total(*nothing).cost.zero() && nothing->size() == 3);
    if (const auto twice = consumption_add(*value, *value, memory)) {
        const auto once = consumption_subtract(*twice, *value, memory);
        require(once && same(*once, bytes));
    }
    const DayRange days{0, 9999};
    const auto restricted = consumption_restrict(*value, {&days, 1}, memory);
    require(restricted && consumption_from_binary(*restricted, memory));
    return 0;
}
