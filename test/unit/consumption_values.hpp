// Consumption in tests: random rows, a map that adds them up by itself, and working states driven as an aggregate drives them.
#pragma once

#include <array>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "arena.hpp"
#include "bytes.hpp"
#include "core/consumption.hpp"
#include "dice.hpp"

namespace partner_bonus::test {

// What one usage line brings.
struct Row {
    Day day;
    std::array<Decimal, 3> amounts;

    // Months, years and the whole calendar; money, long decimals, 64-bit edges and amounts near the largest; sums of some
    // hundred rows stay in range. A series has one kind of days and one of amounts.
    static void draw(Dice &dice, int size, std::vector<Row> &rows);
};

inline std::ostream &operator<<(std::ostream &out, const Row &row)
{
    out << "day " << row.day;
    for (const Decimal &amount : row.amounts) out << ", " << decimal_text(amount.units) << "e-" << amount.scale;
    return out;
}

using Rows = Series<Row>;

inline Day random_day(Dice &dice, std::size_t kind)
{
    const Day start = static_cast<Day>(9770 + kind);
    switch (kind % 8) {
        case 0: return static_cast<Day>(dice.between(first_day, last_day));
        case 1: return dice.one_in(2) ? first_day + static_cast<Day>(dice.below(3)) : last_day - static_cast<Day>(dice.below(3));
        case 2: return static_cast<Day>(dice.between(-400, 400));
        case 3: return start + static_cast<Day>(dice.below(4));
        default: return start + static_cast<Day>(dice.below(31));
    }
}

inline Decimal random_decimal(Dice &dice, std::size_t kind)
{
    const auto scale = static_cast<int>(dice.between(0, 18));
    switch (kind % 4) {
        case 0: return {dice.wide(114 - (amount_scale - scale) * 10 / 3), scale};                  // anything
        case 1: return {dice.one_in(2) ? dice.between(INT64_MAX - 2, INT64_MAX) : INT64_MIN, 10};  // at the edge of 64 bits
        default: return {dice.between(-100'000'000, 100'000'000), static_cast<int>(dice.between(0, kind % 4 == 2 ? 2 : 10))};
    }
}

inline void Row::draw(Dice &dice, int size, std::vector<Row> &rows)
{
    const std::size_t days = dice.below(8);
    const std::size_t amounts = dice.below(16);
    for (std::size_t left = dice.below(static_cast<std::size_t>(size) * (dice.one_in(8) ? 5 : 1) / 5 + 1); left > 0; --left) {
        if (!rows.empty() && dice.one_in(6)) {  // a refund of an earlier row
            Row refund = dice.of(rows);
            for (Decimal &amount : refund.amounts) amount.units = -amount.units;
            rows.push_back(refund);
            continue;
        }
        Row row{random_day(dice, days), {}};
        for (Decimal &amount : row.amounts)
            if (!dice.one_in(3)) amount = random_decimal(dice, amounts < 12 ? 2 + amounts % 2 : amounts);
        rows.push_back(row);
    }
}

// The independent sum of rows: amounts at amount_scale, no day all zero.
class DailySums {
   public:
    DailySums() = default;
    explicit DailySums(const std::vector<Row> &rows)
    {
        for (const Row &row : rows) add(row);
    }
    void add(const Row &row, int sign = 1)
    {
        std::array<int128, 3> amounts;
        for (std::size_t i = 0; i < 3; ++i) amounts[i] = row.amounts[i].units * power_of_ten(amount_scale - row.amounts[i].scale);
        add(row.day, amounts, sign);
    }
    void add(const DailySums &other, int sign = 1)
    {
        for (const auto &[day, amounts] : other.days_) add(day, amounts, sign);
    }
    const std::map<Day, std::array<int128, 3>> &days() const { return days_; }

    // Whether a value in either form is this sum.
    bool equals(Bytes value) const
    {
        ConsumptionReader reader(value);
        DayAmounts entry;
        for (const auto &[day, amounts] : days_) {
            if (!reader.next_exact(entry) || entry.day != day) return false;
            if (entry.amounts != Amounts{amounts[0], amounts[1], amounts[2]}) return false;
        }
        return !reader.next_exact(entry);
    }

   private:
    void add(Day day, const std::array<int128, 3> &amounts, int sign)
    {
        auto &sums = days_[day];
        for (std::size_t i = 0; i < 3; ++i) sums[i] += sign * amounts[i];
        if (sums == std::array<int128, 3>{}) days_.erase(day);
    }

    std::map<Day, std::array<int128, 3>> days_;
};

// A working state that grows whenever it asks to.
class Working {
   public:
    explicit Working(std::uint32_t capacity = 2, bool wide = false) : bytes_(ConsumptionState::bytes_for(capacity, wide))
    {
        state_ = ConsumptionState::create(arena_.allocate(bytes_), capacity, wide);
    }
    // As many days and as wide as chance will have it.
    explicit Working(Dice &dice) : Working(static_cast<std::uint32_t>(2 * dice.between(1, 20)), dice.one_in(4)) {}

    Status add(Day day, const std::array<Decimal, 3> &amounts, bool subtract = false)
    {
        for (;;) {
            const auto added = state_->add(day, amounts[0], amounts[1], amounts[2], subtract);
            if (!added) return added.error();
            if (*added == ConsumptionState::Added::done) return Done{};
            bytes_ = state_->bytes_grown(*added);
            state_ = state_->grow_into(arena_.allocate(bytes_), *added);
            ++growths_;
        }
    }
    Status add(const Row &row, bool subtract = false) { return add(row.day, row.amounts, subtract); }
    Working &add_all(const std::vector<Row> &rows, bool subtract = false)
    {
        for (const Row &row : rows) must(add(row, subtract));
        return *this;
    }
    // Another value, in either form: what rollup and combine do.
    Working &add_value(Bytes value, bool subtract = false)
    {
        if (const auto *part = ConsumptionState::in(value); part && state_->add_alike(*part, subtract)) return *this;
        ConsumptionReader reader(value);
        for (DayAmounts entry; reader.next(entry);) {
            const auto &[cost, grant_credit, other_credit] = entry.amounts;
            const int scale = reader.scale();
            must(add(entry.day, {Decimal{cost, scale}, Decimal{grant_credit, scale}, Decimal{other_credit, scale}}, subtract));
        }
        return *this;
    }

    // As the core sees a value: behind the host's length word.
    Bytes value() const
    {
        return {reinterpret_cast<const std::byte *>(state_) + sizeof(std::uint32_t), bytes_ - sizeof(std::uint32_t)};
    }
    Bytes stored() { return must(consumption_store(value(), arena_)); }
    const ConsumptionState &state() const { return *state_; }
    ConsumptionState &state() { return *state_; }
    int growths() const { return growths_; }

   private:
    Arena arena_;
    std::size_t bytes_;
    ConsumptionState *state_;
    int growths_ = 0;
};

// The value of the rows in one of its forms.
class Consumption {
   public:
    Consumption(const std::vector<Row> &rows, Dice &dice) : working_(dice)
    {
        working_.add_all(rows);
        bytes_ = dice.one_in(2) ? working_.value() : working_.stored();
    }
    operator Bytes() const { return bytes_; }

   private:
    Working working_;
    Bytes bytes_;
};

inline Bytes consumption(std::string_view text, const Memory &memory) { return must(consumption_from_text(text, memory)); }

inline std::string text_of(Bytes value)
{
    Arena arena;
    return std::string(must(consumption_to_text(value, arena)));
}

inline Bytes stored_rows(const std::vector<Row> &rows, const Memory &memory)
{
    return must(consumption_store(Working().add_all(rows).value(), memory));
}

}  // namespace partner_bonus::test
