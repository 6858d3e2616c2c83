// Any bytes as directories of packs: an aggregate takes them or refuses them, and what comes out is a map.
#include <array>

#include "blocks.hpp"
#include "core/consumption_map_state.hpp"

namespace {

using namespace partner_bonus;
using namespace partner_bonus::fuzz;

// The input is a list of packs, each preceded by its length (two bytes) and a byte that says on which day and which way.
struct Input {
    Bytes left;

    bool next(Bytes &pack, Day &day, bool &subtract)
    {
        if (left.size() < 3) return false;
        const auto byte = [this](std::size_t at) { return std::to_integer<std::size_t>(left[at]); };
        const std::size_t length = std::min(byte(0) | byte(1) << 8, left.size() - 3);
        day = static_cast<Day>(byte(2) & 7);
        subtract = (byte(2) & 8) != 0;
        pack = left.subspan(3, length);
        left = left.subspan(3 + length);
        return true;
    }
};

Result<Bytes> add_up(Input input, const Memory &memory)
{
    const auto state = ConsumptionMapState::create(memory);
    if (!state) return state.error();
    Bytes pack;
    Day day{};
    bool subtract{};
    while (input.next(pack, day, subtract)) {
        const auto added = (*state)->add(pack, day, subtract, memory);
        if (!added) return added.error();
    }
    return (*state)->store(memory);
}

// What can be read without the aggregate.
void walk(Bytes pack, const Memory &memory)
{
    auto directory = PackDirectory::open(pack);
    if (!directory) return;
    require(PackDirectory::bytes_needed(pack) <= pack.size());
    std::array<Words, pack_key_columns> words;
    for (std::size_t column = 0; column < words.size(); ++column) {
        const auto read = directory->words(column, memory);
        if (!read) return;
        require(read->size() == directory->word_count(column));
        words[column] = *read;
    }
    PackDirectory reader = *directory;
    DirectoryKey before{};
    std::size_t count = 0;
    for (DirectoryEntry entry; reader.next(entry); before = entry.key, ++count) {
        for (std::size_t column = 0; column < words.size(); ++column) require(entry.key[column] < words[column].size());
        require((count == 0 || before < entry.key) && entry.lines <= max_pack_lines);
    }
    require(reader.failed() || count == directory->keys());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const Input input{std::as_bytes(std::span(data, size))};
    Blocks memory;
    Bytes pack;
    Day day{};
    bool subtract{};
    for (Input each = input; each.next(pack, day, subtract);) walk(pack, memory);

    const auto map = add_up(input, memory);
    require_told_when_out_of_memory(size % 37, [input](Memory few) { return add_up(input, few); });
    if (map) require(static_cast<bool>(consumption_map_from_binary(*map, memory)));
    return 0;
}
