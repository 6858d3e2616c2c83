#include "consumption_map_state.hpp"

#include <algorithm>
#include <new>

#include "key_total.hpp"

namespace partner_bonus {

namespace {

constexpr Error reward_out_of_range{Errc::amount_out_of_range, "the sum of reward"};

// The words of a table, ascending; leaves in `rank` which of them each number is.
Result<Words> rank_words(Words table, std::span<std::uint32_t> rank, const Memory &memory) noexcept
{
    const auto numbers = memory.array<std::uint32_t>(table.size());
    if (!numbers.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < table.size(); ++i) numbers[i] = static_cast<std::uint32_t>(i);
    std::sort(numbers.begin(), numbers.end(), [table](std::uint32_t a, std::uint32_t b) { return word_less(table[a], table[b]); });
    const auto words = memory.array<std::string_view>(table.size());
    if (!words.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < table.size(); ++i) {
        words[i] = table[numbers[i]];
        rank[numbers[i]] = static_cast<std::uint32_t>(i);
    }
    return Words(words);
}

// Leaves out the words that no entry uses.
Status drop_unused_words(Words &words, std::span<MapEntry> entries, std::size_t column, const Memory &memory) noexcept
{
    const auto place = memory.array<std::uint32_t>(words.size());
    if (!place.data()) return Errc::out_of_memory;
    std::fill(place.begin(), place.end(), 0U);
    for (const MapEntry &entry : entries) place[entry.key[column]] = 1;
    const auto used = memory.array<std::string_view>(words.size());
    if (!used.data()) return Errc::out_of_memory;
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (place[i] == 0) continue;
        used[count] = words[i];
        place[i] = count++;
    }
    for (MapEntry &entry : entries) entry.key[column] = place[entry.key[column]];
    words = used.first(count);
    return Done{};
}

}  // namespace

ConsumptionMapState::ConsumptionMapState(const Memory &memory) noexcept
    : memory_(memory), columns_{Column(memory), Column(memory), Column(memory), Column(memory), Column(memory)}, keys_(memory)
{
}

Result<ConsumptionMapState *> ConsumptionMapState::create(const Memory &memory) noexcept
{
    const auto room = memory.array<ConsumptionMapState>(1);
    if (!room.data()) return Errc::out_of_memory;
    return new (room.data()) ConsumptionMapState(memory);
}

// Numbers the words of a pack; gives whether all of them are those of the pack before.
Result<bool> ConsumptionMapState::take_words(const PackDirectory &directory, const Memory &scratch) noexcept
{
    bool all_same = packs_.size() > 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (packs_.size() > 0 && same_bytes(packs_.back().directory.words_bytes(i), directory.words_bytes(i))) continue;
        all_same = false;
        Column &column = columns_[i];
        PARTNER_BONUS_TRY(words, directory.words(i, scratch));
        column.numbers.clear();
        for (const std::string_view word : words) {
            PARTNER_BONUS_TRY(number, column.table.number(word));
            if (!column.numbers.add(number, memory_)) return Errc::out_of_memory;
        }
    }
    return all_same;
}

Result<ConsumptionMapState::Places> ConsumptionMapState::take_keys(PackDirectory directory) noexcept
{
    const auto places = memory_.array<std::uint32_t>(directory.keys());
    if (!places.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    for (DirectoryKey key; directory.next_key(key);) {
        for (std::size_t i = 0; i < columns_.size(); ++i) key[i] = columns_[i].numbers[key[i]];
        PARTNER_BONUS_TRY(place, keys_.place(key));
        places[count++] = place;
    }
    if (directory.failed()) return Errc::binary_malformed;
    return Places(places);
}

Status ConsumptionMapState::add(Bytes pack, Day day, bool subtract, const Memory &scratch) noexcept
{
    if (!in_calendar(day)) return Error{Errc::day_out_of_range, {}, day};
    const Bytes seen = pack.first(std::min(pack.size(), PackDirectory::bytes_needed(pack)));
    const auto kept = memory_.array<std::byte>(seen.size());
    if (!kept.data()) return Errc::out_of_memory;
    std::copy(seen.begin(), seen.end(), kept.begin());
    PARTNER_BONUS_TRY(directory, PackDirectory::open(kept));

    PARTNER_BONUS_TRY(same_words, take_words(directory, scratch));
    Places places;
    if (same_words && packs_.back().places.size() == directory.keys() &&
        same_bytes(packs_.back().directory.key_bytes(), directory.key_bytes())) {
        places = packs_.back().places;
    } else {
        PARTNER_BONUS_TRY(found, take_keys(directory));
        places = found;
    }
    if (!packs_.add({day, subtract, directory, places}, memory_)) return Errc::out_of_memory;
    return Done{};
}

// All keys, ascending, and the words that they are made of.
Result<std::span<const ConsumptionMapState::RankedKey>> ConsumptionMapState::ranked_keys(MapWords &words,
                                                                                        const Memory &memory) const noexcept
{
    const auto keys = keys_.keys();
    const auto ranked = memory.array<RankedKey>(keys.size());
    if (!ranked.data()) return Errc::out_of_memory;
    for (std::uint32_t place = 0; place < keys.size(); ++place) ranked[place].place = place;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const Words table = columns_[i].table.words();
        const auto rank = memory.array<std::uint32_t>(table.size());
        if (!rank.data()) return Errc::out_of_memory;
        PARTNER_BONUS_TRY(column, rank_words(table, rank, memory));
        words[i] = column;
        for (RankedKey &each : ranked) each.key[i] = rank[keys[each.place][i]];
    }
    std::sort(ranked.begin(), ranked.end(), [](const RankedKey &a, const RankedKey &b) { return a.key < b.key; });
    return std::span<const RankedKey>(ranked);
}

// The packs by ascending day, with what brings all of them to the decimals of the finest.
Result<ConsumptionMapState::Sources> ConsumptionMapState::sources(const Memory &memory) const noexcept
{
    Sources sources;
    for (const Pack &pack : packs_.items()) {
        sources.amounts_scale = std::max(sources.amounts_scale, pack.directory.scales().of_amounts());
        sources.reward_scale = std::max(sources.reward_scale, pack.directory.scales().reward);
    }
    sources.list = memory.array<Source>(packs_.size());
    if (!sources.list.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < packs_.size(); ++i) {
        const auto &[day, subtract, directory, places] = packs_[i];
        sources.list[i] = {day, PackFactors(directory.scales(), sources.amounts_scale, sources.reward_scale, subtract), directory, places};
    }
    std::sort(sources.list.begin(), sources.list.end(), [](const Source &a, const Source &b) { return a.day < b.day; });
    return sources;
}

Result<ConsumptionMapState::PacksOfKeys> ConsumptionMapState::packs_of_keys(const Sources &sources, const Memory &memory) const noexcept
{
    const auto start = memory.array<std::uint32_t>(keys_.keys().size() + 2);
    if (!start.data()) return Errc::out_of_memory;
    // The number of packs of the key at place n is counted at n + 2; added up, their start is at n + 1; and when all have been
    // put down, that has become their end, which is where those of n + 1 start.
    std::fill(start.begin(), start.end(), 0U);
    for (const Source &source : sources.list)
        for (const std::uint32_t place : source.places) ++start[place + 2];
    for (std::size_t i = 2; i < start.size(); ++i) start[i] += start[i - 1];
    const auto list = memory.array<std::uint32_t>(start.back());
    if (!list.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < sources.list.size(); ++i)
        for (const std::uint32_t place : sources.list[i].places) list[start[place + 1]++] = static_cast<std::uint32_t>(i);
    return PacksOfKeys{list, start};
}

// A pack has its keys in the order of all keys. So it is read once, from its first key to its last, while keys are taken one
// after the other.
Result<std::span<MapEntry>> ConsumptionMapState::totals(std::span<const RankedKey> keys, const Memory &memory) const noexcept
{
    PARTNER_BONUS_TRY(packs, sources(memory));
    PARTNER_BONUS_TRY(packs_of, packs_of_keys(packs, memory));
    const auto days = memory.array<DayUnits>(packs.list.size());
    if (!days.data()) return Errc::out_of_memory;
    const auto wide_days = memory.array<DayAmounts>(packs.list.size());
    if (!wide_days.data()) return Errc::out_of_memory;
    const auto room = memory.array<std::byte>(keys.size() * consumption_room(0) + packs_of.packs.size() * consumption_room(1));
    if (!room.data()) return Errc::out_of_memory;
    const auto entries = memory.array<MapEntry>(keys.size());
    if (!entries.data()) return Errc::out_of_memory;

    WireWriter wire(room);
    std::size_t count = 0;
    for (const RankedKey &key : keys) {
        KeyTotal total(days, wide_days);
        for (const std::uint32_t index : packs_of.of(key.place)) {
            Source &source = packs.list[index];
            KeySums sums;
            if (!source.directory.next_sums(sums)) return Errc::binary_malformed;
            if (!total.add_reward(sums, source.by)) return reward_out_of_range;
            if (!total.add(source.day, sums, source.by)) return Error{Errc::amount_out_of_range, {}, source.day};
        }
        const Decimal reward{total.reward(), packs.reward_scale};
        if (!to_amount(reward)) return reward_out_of_range;
        const std::size_t before = wire.written().size();
        PARTNER_BONUS_TRY(written, total.write(wire, packs.amounts_scale));
        (void)written;
        const MapEntry entry{key.key, total.lines(), {reward, total.rewarded()}, wire.written().subspan(before)};
        if (!entry.zero()) entries[count++] = entry;
    }
    return entries.first(count);
}

Result<Bytes> ConsumptionMapState::store(const Memory &memory) const noexcept
{
    MapWords words;
    PARTNER_BONUS_TRY(keys, ranked_keys(words, memory));
    PARTNER_BONUS_TRY(entries, totals(keys, memory));
    for (std::size_t i = 0; i < words.size(); ++i) {
        PARTNER_BONUS_TRY(dropped, drop_unused_words(words[i], entries, i, memory));
        (void)dropped;
    }
    return write_consumption_map(words, entries, memory);
}

}  // namespace partner_bonus
