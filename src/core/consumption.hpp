// What was consumed on each day: an exact daily series of (cost, grant credit, other credits).
//
// Stored form, read for ever: format byte, common scale, number of days, then per day its distance to the day before with
// three bits that tell which amounts follow, and these amounts. Canonical: days ascend, no day is all zero, the scale is
// the smallest that shows every amount whole. So equal values have equal bytes.
#pragma once

#include <compare>
#include <span>

#include "amount.hpp"
#include "consumption_state.hpp"
#include "day.hpp"
#include "memory.hpp"
#include "result.hpp"
#include "wire.hpp"

namespace partner_bonus {

struct DayAmounts {
    Day day{};
    Amounts amounts{};
};

// The same with amounts that fit into 64 bits.
struct DayUnits {
    Day day{};
    std::int64_t cost{};
    std::int64_t grant_credit{};
    std::int64_t other_credit{};
};

// Days [from, to).
struct DayRange {
    Day from{};
    Day to{};
};

// Walks the days of a value in either form: stored, or the working state of an aggregate.
class ConsumptionReader {
   public:
    explicit ConsumptionReader(Bytes value) noexcept;

    // Amounts count units of 10^-scale.
    int scale() const noexcept { return scale_; }
    std::size_t days_left() const noexcept { return left_; }
    // The next day that is not all zero.
    bool next(DayAmounts &entry) noexcept;
    // The same with amounts at amount_scale.
    bool next_exact(DayAmounts &entry) noexcept;

    // Whether the bytes ended early (possible for bytes from outside only).
    bool ran_out() const noexcept { return wire_.ran_out(); }

   private:
    const ConsumptionState *working_ = nullptr;
    WireReader wire_;
    std::size_t left_ = 0;
    std::uint32_t at_ = 0;
    int scale_ = 0;
    Day day_ = 0;
};

// The stored form of a value: of a working state, of a stored value (a copy), of a series.
Result<Bytes> consumption_store(Bytes value, const Memory &memory) noexcept;
// `days` ascend; amounts are units of 10^-scale.
Result<Bytes> consumption_store(std::span<const DayAmounts> days, int scale, const Memory &memory) noexcept;
// The same as a part of something larger, into room enough for so many days.
constexpr std::size_t consumption_room(std::size_t days) noexcept { return 2 + varint_max_bytes + days * 4 * varint_max_bytes; }
void consumption_write(WireWriter &wire, std::span<const DayAmounts> days, int scale) noexcept;
void consumption_write(WireWriter &wire, std::span<const DayUnits> days, int scale) noexcept;

Result<Bytes> consumption_from_text(std::string_view text, const Memory &memory) noexcept;
Result<std::string_view> consumption_to_text(Bytes value, const Memory &memory) noexcept;
// Accepts the canonical stored form and nothing else.
Result<Bytes> consumption_from_binary(Bytes bytes, const Memory &memory) noexcept;

Result<Bytes> consumption_add(Bytes a, Bytes b, const Memory &memory) noexcept;
Result<Bytes> consumption_subtract(Bytes a, Bytes b, const Memory &memory) noexcept;
// Keeps the days in `ranges`, which ascend and do not overlap.
Result<Bytes> consumption_restrict(Bytes value, std::span<const DayRange> ranges, const Memory &memory) noexcept;

// Whether any of its days is in `ranges`.
bool consumption_has_days(Bytes value, std::span<const DayRange> ranges) noexcept;

// Totals over all days at amount_scale, wide enough for any value.
struct ConsumptionTotal {
    Int256 cost;
    Int256 grant_credit;
    Int256 other_credit;

    Int256 base() const noexcept
    {
        Int256 sum = cost;
        sum += grant_credit;
        sum += other_credit;
        return sum;
    }
};
ConsumptionTotal consumption_total(Bytes value) noexcept;

// Adds up days, at whatever scale they have.
class ConsumptionSum {
   public:
    void add(const Amounts &amounts) noexcept
    {
        cost_ += amounts.cost;
        grant_credit_ += amounts.grant_credit;
        other_credit_ += amounts.other_credit;
    }
    ConsumptionTotal total() const noexcept { return {cost_.total(), grant_credit_.total(), other_credit_.total()}; }

   private:
    WideSum cost_;
    WideSum grant_credit_;
    WideSum other_credit_;
};

// An order without meaning, for sorting and DISTINCT; equal values compare equal in either form.
std::strong_ordering consumption_compare(Bytes a, Bytes b) noexcept;
// Of the abstract value, and frozen: stored hashes and partitions depend on it.
std::uint64_t consumption_hash(Bytes value, std::uint64_t seed) noexcept;

}  // namespace partner_bonus
