// Which rate applied on which day: a step function, zero where nothing is said.
//
// Stored form, read for ever: format byte, common scale, the rate before all steps, number of steps, then per step its
// distance to the step before and its rate. Canonical: steps ascend, each changes the rate, the scale is the smallest.
#pragma once

#include <compare>
#include <span>

#include "amount.hpp"
#include "consumption.hpp"
#include "day.hpp"
#include "memory.hpp"
#include "rate_state.hpp"
#include "result.hpp"
#include "wire.hpp"

namespace partner_bonus {

// From this day on, the rate is this. The first step of a schedule is from unbounded_before.
struct Step {
    Day from{};
    Rate rate{};
};

// The steps of a value in either form: stored, or the working state of an aggregate. Neighbours differ.
Result<std::span<const Step>> schedule_steps(Bytes value, const Memory &memory) noexcept;
// The stored form: of a value in either form, of steps (neighbours may be equal).
Result<Bytes> schedule_store(Bytes value, const Memory &memory) noexcept;
Result<Bytes> schedule_store(std::span<const Step> steps, const Memory &memory) noexcept;

// The days of a range as schedules know them: a range that reaches an end of the calendar is unbounded there.
Result<DayRange> schedule_range(DayRange days) noexcept;

// A rate that holds on the days of a range and is zero elsewhere.
Result<Bytes> schedule_on(DayRange days, Rate rate, const Memory &memory) noexcept;

Result<Bytes> schedule_from_text(std::string_view text, const Memory &memory) noexcept;
Result<std::string_view> schedule_to_text(Bytes value, const Memory &memory) noexcept;
// Accepts the canonical stored form and nothing else.
Result<Bytes> schedule_from_binary(Bytes bytes, const Memory &memory) noexcept;

Result<Bytes> schedule_add(Bytes a, Bytes b, const Memory &memory) noexcept;
Result<Bytes> schedule_subtract(Bytes a, Bytes b, const Memory &memory) noexcept;
// a + b - a * b, where that has no more than 12 decimals.
Result<Bytes> schedule_compound(Bytes a, Bytes b, const Memory &memory) noexcept;
Result<Bytes> schedule_cap(Bytes value, Rate limit, const Memory &memory) noexcept;
// Keeps the rate on the days in `ranges`, which ascend and do not touch; zero elsewhere.
Result<Bytes> schedule_restrict(Bytes value, std::span<const DayRange> ranges, const Memory &memory) noexcept;

Rate rate_at(std::span<const Step> steps, Day day) noexcept;

std::strong_ordering schedule_compare(std::span<const Step> a, std::span<const Step> b) noexcept;
// Of the abstract value, and frozen: stored hashes and partitions depend on it.
std::uint64_t schedule_hash(std::span<const Step> steps, std::uint64_t seed) noexcept;

}  // namespace partner_bonus
