#include "consumption_map_state.hpp"

#include <algorithm>
#include <new>

#include "consumption.hpp"

namespace partner_bonus {

namespace {

constexpr std::uint32_t first_capacity = 8;

constexpr Error reward_out_of_range{Errc::amount_out_of_range, "the sum of reward"};

bool same_bytes(std::span<const std::byte> a, Bytes b) noexcept
{
    return a.size() == b.size() && (b.empty() || __builtin_memcmp(a.data(), b.data(), b.size()) == 0);
}

// Of the numbers of words that `used` marks: their words, ascending; leaves in `rank` which of these each is.
Result<Words> rank_words(Words table, std::span<std::uint32_t> rank, std::span<const bool> used, const Memory &memory) noexcept
{
    const auto order = memory.array<std::uint32_t>(table.size());
    if (!order.data()) return Errc::out_of_memory;
    std::uint32_t count = 0;
    for (std::uint32_t number = 0; number < table.size(); ++number)
        if (used[number]) order[count++] = number;
    std::sort(order.data(), order.data() + count, [table](std::uint32_t a, std::uint32_t b) { return word_less(table[a], table[b]); });
    const auto words = memory.array<std::string_view>(count);
    if (!words.data()) return Errc::out_of_memory;
    for (std::uint32_t i = 0; i < count; ++i) {
        words[i] = table[order[i]];
        rank[order[i]] = i;
    }
    return Words(words);
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

// Whether all words are those of the pack before.
Result<bool> ConsumptionMapState::take_words(const PackDirectory &directory, const Memory &scratch) noexcept
{
    bool same = true;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Column &column = columns_[i];
        const Bytes bytes = directory.words_bytes(i);
        if (same_bytes(column.last_bytes.items(), bytes)) continue;
        same = false;
        PARTNER_BONUS_TRY(words, directory.words(i, scratch));
        column.last_numbers.clear();
        for (const std::string_view word : words) {
            PARTNER_BONUS_TRY(number, column.table.number(word));
            if (!column.last_numbers.add(number, memory_)) return Errc::out_of_memory;
        }
        if (!column.last_bytes.assign(bytes, memory_)) return Errc::out_of_memory;
    }
    return same;
}

Result<std::uint32_t> ConsumptionMapState::place_of(const DirectoryEntry &entry) noexcept
{
    Keys::Key key;
    for (std::size_t i = 0; i < columns_.size(); ++i) key[i] = columns_[i].last_numbers[entry.key[i]];
    PARTNER_BONUS_TRY(place, keys_.place(key));
    if (place < sums_.size()) return place;
    const auto room = memory_.array<std::byte>(ConsumptionState::bytes_for(first_capacity, false));
    if (!room.data()) return Errc::out_of_memory;
    ConsumptionState *const empty = ConsumptionState::create(room.data(), first_capacity, false);
    if (!sums_.add({empty, 0, {}, false}, memory_)) return Errc::out_of_memory;
    return place;
}

Status ConsumptionMapState::add_entry(Sums &sums, Day day, const DirectoryEntry &entry, bool subtract) noexcept
{
    sums.lines += subtract ? -std::int64_t{entry.lines} : std::int64_t{entry.lines};
    if (entry.reward.given) {
        sums.has_reward = true;
        if (!sums.reward.add(entry.reward.value, subtract)) return reward_out_of_range;
    }
    for (;;) {
        PARTNER_BONUS_TRY(added, sums.consumption->add(day, entry.cost, entry.grant_credit, entry.other_credit, subtract));
        if (added == ConsumptionState::Added::done) return Done{};
        const auto room = memory_.array<std::byte>(sums.consumption->bytes_grown(added));
        if (!room.data()) return Errc::out_of_memory;
        sums.consumption = sums.consumption->grow_into(room.data(), added);
    }
}

Status ConsumptionMapState::add(Bytes pack, Day day, bool subtract, const Memory &scratch) noexcept
{
    if (!in_calendar(day)) return Error{Errc::day_out_of_range, {}, day};
    PARTNER_BONUS_TRY(opened, PackDirectory::open(pack));
    PackDirectory directory = opened;
    PARTNER_BONUS_TRY(same_words, take_words(directory, scratch));
    const bool same_keys = same_words && same_bytes(last_key_bytes_.items(), directory.key_bytes());
    if (!same_keys) {
        last_places_.clear();
        if (!last_key_bytes_.assign(directory.key_bytes(), memory_)) return Errc::out_of_memory;
    }
    DirectoryEntry entry;
    for (std::size_t i = 0; directory.next(entry); ++i) {
        if (!same_keys) {
            PARTNER_BONUS_TRY(place, place_of(entry));
            if (!last_places_.add(place, memory_)) return Errc::out_of_memory;
        }
        PARTNER_BONUS_TRY(added, add_entry(sums_[last_places_[i]], day, entry, subtract));
        (void)added;
    }
    if (directory.failed()) return Errc::binary_malformed;
    return Done{};
}

bool ConsumptionMapState::Sums::zero() const noexcept
{
    if (lines != 0 || reward.value().units != 0) return false;
    for (std::uint32_t i = 0; i < consumption->count(); ++i)
        if (!consumption->amounts(i).zero()) return false;
    return true;
}

// The keys that are not zero, ascending, and the words that they use.
Result<std::span<ConsumptionMapState::Ranked>> ConsumptionMapState::ranked_keys(MapWords &words, const Memory &memory) const noexcept
{
    const auto keys = keys_.keys();
    const auto ranked = memory.array<Ranked>(keys.size());
    if (!ranked.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    for (std::uint32_t place = 0; place < keys.size(); ++place)
        if (!sums_[place].zero()) ranked[count++] = {keys[place], place};
    const auto kept = ranked.first(count);

    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const Words table = columns_[i].table.words();
        const auto used = memory.array<bool>(table.size());
        if (!used.data()) return Errc::out_of_memory;
        const auto rank = memory.array<std::uint32_t>(table.size());
        if (!rank.data()) return Errc::out_of_memory;
        std::fill(used.begin(), used.end(), false);
        for (const Ranked &each : kept) used[each.key[i]] = true;
        PARTNER_BONUS_TRY(column, rank_words(table, rank, used, memory));
        words[i] = column;
        for (Ranked &each : kept) each.key[i] = rank[each.key[i]];
    }
    std::sort(kept.begin(), kept.end(), [](const Ranked &a, const Ranked &b) { return a.key < b.key; });
    return kept;
}

Result<Bytes> ConsumptionMapState::store(const Memory &memory) const noexcept
{
    MapWords words;
    PARTNER_BONUS_TRY(keys, ranked_keys(words, memory));
    std::size_t room_needed = 0;
    std::size_t most_days = 0;
    for (const Ranked &each : keys) {
        const std::size_t days = sums_[each.place].consumption->count();
        room_needed += consumption_room(days);
        most_days = std::max(most_days, days);
    }
    const auto room = memory.array<std::byte>(room_needed);
    if (!room.data()) return Errc::out_of_memory;
    const auto days = memory.array<DayAmounts>(most_days);
    if (!days.data()) return Errc::out_of_memory;
    const auto entries = memory.array<MapEntry>(keys.size());
    if (!entries.data()) return Errc::out_of_memory;
    WireWriter wire(room);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const Sums &sums = sums_[keys[i].place];
        if (!to_amount(sums.reward.value())) return reward_out_of_range;
        const ConsumptionState &state = *sums.consumption;
        for (std::uint32_t day = 0; day < state.count(); ++day) days[day] = {state.day(day), state.amounts(day)};
        const std::size_t before = wire.written().size();
        consumption_write(wire, days.first(state.count()), state.scale());
        entries[i] = {keys[i].key, sums.lines, {sums.reward.value(), sums.has_reward}, wire.written().subspan(before)};
    }
    return write_consumption_map(words, entries, memory);
}

}  // namespace partner_bonus
