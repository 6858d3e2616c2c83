// Packs in tests: random usage of a few keys, packed, and maps that add it up by themselves.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "arena.hpp"
#include "bytes.hpp"
#include "consumption_values.hpp"
#include "core/consumption_map_state.hpp"
#include "core/packer.hpp"
#include "dice.hpp"

namespace partner_bonus::test {

using KeyTexts = std::array<std::string, pack_key_columns>;

// What one line brings.
struct Used {
    KeyTexts key;
    Decimal cost;
    Decimal credit;
    Decimal grant_credit;
    OptionalDecimal reward;
};

inline UsageLine line_of(Day day, const Used &used)
{
    UsageLine line;
    line.usage_day = day;
    const auto text = [](const std::string &word) { return word.empty() ? std::string_view{} : std::string_view(word); };
    line.account_id = text(used.key[0]);
    line.service_id = text(used.key[1]);
    line.sku_id = text(used.key[2]);
    line.currency = text(used.key[3]);
    line.charge_category = text(used.key[4]);
    line.cost = used.cost;
    line.credit = used.credit;
    line.monetary_grant_credit = used.grant_credit;
    line.reward = used.reward;
    return line;
}

inline Bytes pack(const std::vector<Used> &lines, const Memory &memory)
{
    UsagePacker packer(memory);
    for (const Used &used : lines) must(packer.add(line_of(0, used)));
    must(packer.finish());
    DayPack packed;
    return must(packer.next(packed, memory)) ? packed.pack : must(write_pack({}, memory));
}

// Lines of one day, added or taken off.
struct DayLines {
    Day day{};
    bool subtract{};
    std::vector<Used> lines;

    static void draw(Dice &dice, int size, std::vector<DayLines> &days);
};

inline std::ostream &operator<<(std::ostream &out, const DayLines &day)
{
    out << (day.subtract ? "off day " : "day ") << day.day;
    for (const Used &used : day.lines) {
        out << "\n        ";
        for (const std::string &word : used.key) out << word << ' ';
        for (const Decimal &number : {used.cost, used.credit, used.grant_credit, used.reward.value})
            out << decimal_text(number.units) << "e-" << number.scale << ' ';
    }
    return out;
}

using Packs = Series<DayLines>;

inline Used random_use(Dice &dice, bool large)
{
    const auto word = [&](const char *name, std::int64_t most) {
        const auto which = dice.between(dice.one_in(9) ? -1 : 0, most);
        return which < 0 ? std::string() : name + std::to_string(which);
    };
    const auto number = [&]() -> Decimal {
        const auto scale = static_cast<int>(dice.between(0, large ? amount_scale : 10));
        return {dice.wide(large ? 59 + 3 * scale : 34), scale};
    };
    Used used{{word("account", 3), word("svc", 1), word("sku", 4), word("CUR", 1), word("Category", 1)}, number(), {}, {}, {}};
    if (dice.one_in(3)) used.credit = number();
    if (dice.one_in(3)) used.grant_credit = number();
    if (dice.one_in(2)) used.reward = {number(), true};
    return used;
}

// Days with much the same keys, days again, days without lines, days taken off again; money, or amounts beyond 64 bits.
inline void DayLines::draw(Dice &dice, int size, std::vector<DayLines> &days)
{
    const bool large = dice.one_in(3);
    const std::size_t kind = dice.below(8);
    for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 8 + 2); left > 0; --left) {
        DayLines day{random_day(dice, kind), dice.one_in(8), {}};
        if (!days.empty() && dice.one_in(2)) day.lines = dice.of(days).lines;
        if (!days.empty() && dice.one_in(6)) {
            day = dice.of(days);
            day.subtract = !day.subtract;
        } else {
            for (std::size_t lines = dice.below(4); lines > 0; --lines) day.lines.push_back(random_use(dice, large));
        }
        days.push_back(day);
    }
}

inline int128 at_full_scale(const Decimal &decimal) { return decimal.units * power_of_ten(amount_scale - decimal.scale); }

// The sums by themselves.
struct KeySum {
    DailySums days;
    std::int64_t lines = 0;
    std::optional<int128> reward;

    bool zero() const { return days.days().empty() && lines == 0 && reward.value_or(0) == 0; }
};

inline std::map<KeyTexts, KeySum> sums_of(const std::vector<DayLines> &packs)
{
    std::map<KeyTexts, KeySum> sums;
    for (const auto &[day, subtract, lines] : packs)
        for (const Used &used : lines) {
            const int sign = subtract ? -1 : 1;
            KeySum &sum = sums[used.key];
            const int128 grant_credit = at_full_scale(used.grant_credit);
            const Decimal other_credit{at_full_scale(used.credit) - grant_credit, amount_scale};
            sum.days.add(Row{day, {used.cost, used.grant_credit, other_credit}}, sign);
            sum.lines += sign;
            if (used.reward.given) sum.reward = sum.reward.value_or(0) + sign * at_full_scale(used.reward.value);
        }
    std::erase_if(sums, [](const auto &each) { return each.second.zero(); });
    return sums;
}

inline Status add_packs(ConsumptionMapState &state, const std::vector<DayLines> &packs)
{
    for (const auto &[day, subtract, lines] : packs) {
        Arena fleeting;
        PARTNER_BONUS_TRY(added, state.add(pack(lines, fleeting), day, subtract, fleeting));
        (void)added;
    }
    return Done{};
}

// The map of packs, by the state of an aggregate.
inline Result<Bytes> try_map(const std::vector<DayLines> &packs, const Memory &memory)
{
    PARTNER_BONUS_TRY(state, ConsumptionMapState::create(memory));
    PARTNER_BONUS_TRY(added, add_packs(*state, packs));
    (void)added;
    return state->store(memory);
}

inline Bytes map_of(const std::vector<DayLines> &packs, const Memory &memory) { return must(try_map(packs, memory)); }

// Whether a map has these keys, in this order, and no others.
inline bool has(Bytes map, const std::map<KeyTexts, KeySum> &sums)
{
    Arena arena;
    ConsumptionMapReader reader = must(ConsumptionMapReader::open(map, arena));
    MapEntry entry;
    for (const auto &[key, sum] : sums) {
        if (!reader.next(entry)) return false;
        for (std::size_t column = 0; column < key.size(); ++column) {
            const std::string_view word = reader.words()[column][entry.key[column]];
            if (word != key[column] || (word.data() == nullptr) != key[column].empty()) return false;
        }
        if (!sum.days.equals(entry.consumption) || entry.lines != sum.lines || entry.reward.given != sum.reward.has_value() ||
            at_full_scale(entry.reward.value) != sum.reward.value_or(0))
            return false;
    }
    return !reader.next(entry) && !reader.failed();
}

}  // namespace partner_bonus::test
