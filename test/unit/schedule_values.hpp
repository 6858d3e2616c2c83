// Rate schedules in tests: random rates on ranges, a map that lays them over each other by itself, and working states driven
// as an aggregate drives them.
#pragma once

#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "arena.hpp"
#include "bytes.hpp"
#include "core/rate_schedule.hpp"
#include "dice.hpp"

namespace partner_bonus {

inline bool operator==(const Step &a, const Step &b) { return a.from == b.from && a.rate == b.rate; }
inline std::ostream &operator<<(std::ostream &out, const Step &step) { return out << step.from << ": " << step.rate; }

}  // namespace partner_bonus

namespace partner_bonus::test {

// A rule: this rate on these days.
struct Rule {
    DayRange days;
    Rate rate;

    // Points of a percent or long decimals within +-2, on ranges that like to touch and overlap.
    static void draw(Dice &dice, int size, std::vector<Rule> &rules);
};

inline std::ostream &operator<<(std::ostream &out, const Rule &rule)
{
    return out << '[' << rule.days.from << ',' << rule.days.to << "): " << rule.rate;
}

using Rules = Series<Rule>;

inline void Rule::draw(Dice &dice, int size, std::vector<Rule> &rules)
{
    const bool near = !dice.one_in(4);
    const bool points = dice.one_in(2);
    const auto day = [&] { return static_cast<Day>(near ? 9765 + dice.between(0, 40) : dice.between(first_day + 1, last_day)); };
    for (std::size_t left = dice.below(static_cast<std::size_t>(size) / 8 + 1); left > 0; --left) {
        Day from = day();
        Day to = day();
        if (from > to) std::swap(from, to);
        if (from == to) ++to;
        if (dice.one_in(8)) from = unbounded_before;
        if (dice.one_in(8) || to > last_day) to = unbounded_after;
        const Rate rate = points ? dice.between(-20, 20) * (rate_one / 20) : dice.between(-2 * rate_one, 2 * rate_one);
        rules.push_back({{from, to}, rate});
        if (dice.one_in(6)) rules.push_back({{from, to}, -rate});
    }
}

// The independent sum of rules: the rate from each day on, up to the next.
class RateMap {
   public:
    explicit RateMap(const std::vector<Rule> &rules)
    {
        std::set<Day> bounds{unbounded_before};
        for (const Rule &rule : rules) bounds.insert({rule.days.from, rule.days.to});
        bounds.erase(unbounded_after);
        for (const Day day : bounds) {
            Rate sum = 0;
            for (const Rule &rule : rules)
                if (rule.days.from <= day && day < rule.days.to) sum += rule.rate;
            from_[day] = sum;
        }
    }
    Rate at(Day day) const { return std::prev(from_.upper_bound(day))->second; }
    // Days on which something may change.
    std::vector<Day> days() const
    {
        std::vector<Day> days;
        for (const auto &[day, rate] : from_) days.push_back(day);
        return days;
    }
    std::vector<Step> steps() const
    {
        std::vector<Step> steps;
        for (const auto &[day, rate] : from_)
            if (steps.empty() || steps.back().rate != rate) steps.push_back({day, rate});
        return steps;
    }

   private:
    std::map<Day, Rate> from_;
};

inline std::vector<Step> steps_of(Bytes value)
{
    Arena arena;
    const auto steps = must(schedule_steps(value, arena));
    return {steps.begin(), steps.end()};
}

// A working state that grows whenever it must.
class WorkingRates {
   public:
    explicit WorkingRates(std::uint32_t capacity = 2) : bytes_(RateState::bytes_for(capacity))
    {
        state_ = RateState::create(arena_.allocate(bytes_), capacity);
    }
    explicit WorkingRates(Dice &dice) : WorkingRates(static_cast<std::uint32_t>(dice.between(1, 20))) {}

    WorkingRates &add(const Rule &rule, bool subtract = false)
    {
        const DayRange days = must(schedule_range(rule.days));
        make_room(2);
        state_->add(days.from, subtract ? -rule.rate : rule.rate);
        if (days.to != unbounded_after) state_->add(days.to, subtract ? rule.rate : -rule.rate);
        return *this;
    }
    WorkingRates &add_all(const std::vector<Rule> &rules, bool subtract = false)
    {
        for (const Rule &rule : rules) add(rule, subtract);
        return *this;
    }
    // Another value, in either form: what rollup and combine do.
    WorkingRates &add_value(Bytes value, bool subtract = false)
    {
        if (const RateState *part = RateState::in(value)) {
            for (const RateChange &change : std::span(part->changes(), part->count())) {
                make_room(1);
                state_->add(change.day, subtract ? -change.change : change.change);
            }
            return *this;
        }
        int128 before = 0;
        for (const Step &step : steps_of(value)) {
            make_room(1);
            state_->add(step.from, subtract ? before - step.rate : step.rate - before);
            before = step.rate;
        }
        return *this;
    }

    Bytes value() const
    {
        return {reinterpret_cast<const std::byte *>(state_) + sizeof(std::uint32_t), bytes_ - sizeof(std::uint32_t)};
    }
    Bytes stored() { return must(schedule_store(value(), arena_)); }
    const RateState &state() const { return *state_; }
    int growths() const { return growths_; }

   private:
    void make_room(std::uint32_t changes)
    {
        while (!state_->make_room(changes)) {
            bytes_ = state_->bytes_grown();
            state_ = state_->grow_into(arena_.allocate(bytes_));
            ++growths_;
        }
    }

    Arena arena_;
    std::size_t bytes_;
    RateState *state_;
    int growths_ = 0;
};

// The value of the rules in one of its forms.
class Schedule {
   public:
    Schedule(const std::vector<Rule> &rules, Dice &dice) : working_(dice)
    {
        working_.add_all(rules);
        bytes_ = dice.one_in(2) ? working_.value() : working_.stored();
    }
    operator Bytes() const { return bytes_; }

   private:
    WorkingRates working_;
    Bytes bytes_;
};

inline Bytes schedule(std::string_view text, const Memory &memory) { return must(schedule_from_text(text, memory)); }

inline std::string schedule_text(Bytes value)
{
    Arena arena;
    return std::string(must(schedule_to_text(value, arena)));
}

inline Bytes stored_rules(const std::vector<Rule> &rules, const Memory &memory)
{
    return must(schedule_store(WorkingRates().add_all(rules).value(), memory));
}

}  // namespace partner_bonus::test
