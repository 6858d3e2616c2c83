// Numbers and days as text, and the pieces from which values are read and written.
#pragma once

#include <string_view>

#include "amount.hpp"
#include "day.hpp"
#include "decimal.hpp"
#include "memory.hpp"
#include "result.hpp"

namespace partner_bonus {

// A decimal number: sign, digits with at most one point, E notation. At most 18 decimals that are not zero. No spaces.
Result<Decimal> parse_decimal(std::string_view text) noexcept;
Result<Amount> parse_amount(std::string_view text) noexcept;

// A rate of a schedule.
Result<Rate> parse_rate(std::string_view text) noexcept;

// YYYY-MM-DD within the calendar.
Result<Day> parse_day(std::string_view text) noexcept;

// Reads a value's text from left to right; spaces between tokens are skipped.
class TextReader {
   public:
    explicit TextReader(std::string_view text) noexcept : text_(text) {}

    bool take(char expected) noexcept;
    // The characters up to the first of `terminators`, without spaces around them.
    std::string_view take_until(std::string_view terminators) noexcept;
    // Nothing but spaces is left.
    bool at_end() noexcept;
    // The rest, as the place where reading stopped.
    Error stopped(Errc code) const noexcept;

   private:
    void skip_spaces() noexcept;

    std::string_view text_;
    std::size_t at_ = 0;
};

// Writes a value's text into room that its owner has measured.
class TextWriter {
   public:
    explicit TextWriter(std::span<char> room) noexcept : begin_(room.data()), at_(room.data()) {}

    void put(char c) noexcept { *at_++ = c; }
    void put(std::string_view text) noexcept;
    void day(Day day) noexcept;
    // units * 10^-scale without trailing zeros.
    void decimal(int128 units, int scale) noexcept;

    std::string_view written() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

    static constexpr std::size_t day_room = 10;
    static constexpr std::size_t decimal_room = 42;  // sign, 39 digits, point, a leading zero

   private:
    char *begin_;
    char *at_;
};

}  // namespace partner_bonus
