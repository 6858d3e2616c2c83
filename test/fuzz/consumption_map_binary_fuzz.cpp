// Bytes that are accepted as a consumption_map are the one way to write it, and can be read whole.
#include "blocks.hpp"
#include "core/consumption.hpp"
#include "core/consumption_map.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    const Bytes bytes = std::as_bytes(std::span(data, size));
    Blocks memory;
    const auto map = consumption_map_from_binary(bytes, memory);
    require_told_when_out_of_memory(size % 19, [bytes](Memory few) { return consumption_map_from_binary(bytes, few); });

    // Stored bytes are read without being checked first.
    const auto opened = ConsumptionMapReader::open(bytes, memory);
    if (!opened) {
        require(!map);
        return 0;
    }
    ConsumptionMapReader reader = *opened;
    MapEntry before;
    std::size_t count = 0;
    for (MapEntry entry; reader.next(entry); before = entry, ++count) {
        for (std::size_t column = 0; column < pack_key_columns; ++column) require(entry.key[column] < reader.words()[column].size());
        const auto consumption = consumption_from_binary(entry.consumption, memory);
        if (map) require(consumption && !entry.zero() && (count == 0 || before.key < entry.key));
    }
    if (!map) return 0;
    require(same(*map, bytes) && !reader.failed() && count == opened->left());
    return 0;
}
