// Errors are values: the core returns Result and never throws, jumps or prints.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace partner_bonus {

enum class Errc : std::uint8_t {
    out_of_memory,
    // amounts
    amount_malformed,
    amount_not_finite,
    amount_too_many_decimals,
    amount_out_of_range,
    exact_too_many_decimals,
    exact_out_of_range,
    // days
    day_malformed,
    day_out_of_range,
    day_repeated,
    // rates
    rate_malformed,
    rate_too_many_decimals,
    rate_out_of_range,
    rate_not_a_fraction,
    range_empty,
    range_overlap,
    // tiers
    volume_negative,
    volume_repeated,
    volumes_not_ascending,
    tiers_too_many,
    // values as text and as bytes
    text_malformed,
    text_trailing,
    binary_malformed,
    binary_version,
    base64_malformed,
    pack_too_many_lines,
    value_too_large,
    // shares
    share_unit,
    share_target,
    share_target_scale,
    leaf_out_of_range,
    // files
    file_empty,
    file_header_missing_column,
    file_header_unknown_column,
    file_header_repeated_column,
    file_quote_unterminated,
    file_quote_misplaced,
    file_record_too_long,
    file_not_text,
    file_format_unknown,
    file_format_undetected,
    // mappings of a file's columns
    mapping_needed,
    mapping_not_text,
    mapping_too_large,
    mapping_entry_malformed,
    mapping_name_unknown,
    mapping_name_repeated,
    mapping_field_missing,
    mapping_constant_unusable,
    mapping_day_form,
    // lines
    line_field_count,
    line_field_empty,
    line_account_ambiguous,
    line_currency_malformed,
    line_currency_unknown,
    line_amount_too_large,
    line_charge_category_unknown,
    line_time_malformed,
    line_time_not_utc,
};

// What went wrong, and where: `subject` is the offending piece of the caller's input (or a name), `at` a position or a
// number. Both may be empty; neither is owned.
struct Error {
    Errc code{};
    std::string_view subject{};
    std::int64_t at{};
};

template <class T>
class [[nodiscard]] Result {
    static_assert(std::is_trivially_destructible_v<T>, "values cross frames that the server may jump over");

   public:
    constexpr Result(T value) noexcept : value_(value), ok_(true) {}
    constexpr Result(Error error) noexcept : error_(error), ok_(false) {}
    constexpr Result(Errc code) noexcept : error_{code}, ok_(false) {}

    constexpr explicit operator bool() const noexcept { return ok_; }
    constexpr const T &operator*() const noexcept { return value_; }
    constexpr const T *operator->() const noexcept { return &value_; }
    constexpr const Error &error() const noexcept { return error_; }

   private:
    // One or the other: results are made for every field of every line.
    union {
        T value_;
        Error error_;
    };
    bool ok_;
};

struct Done {};
using Status = Result<Done>;

}  // namespace partner_bonus

// Leaves the function with the error of `expression`, or defines `name` as its result.
#define PARTNER_BONUS_TRY(name, expression)   \
    const auto name##_or = (expression);      \
    if (!name##_or) return name##_or.error(); \
    const auto &name = *name##_or
