// Numbers and days that are read from text are in range, and printed as text that is read as the same.
#include <array>

#include "blocks.hpp"
#include "core/text.hpp"

namespace partner_bonus::fuzz {
namespace {

void check_decimal(std::string_view text)
{
    const auto decimal = parse_decimal(text);
    const auto amount = parse_amount(text);
    require(static_cast<bool>(amount) == static_cast<bool>(decimal));
    if (!decimal) {
        require_within(decimal.error().subject, text);
        return;
    }
    require(decimal->scale >= 0 && decimal->scale <= amount_scale);
    require(*amount >= -amount_max && *amount <= amount_max);
    std::array<char, TextWriter::decimal_room> room;
    TextWriter writer(room);
    writer.decimal(*amount, amount_scale);
    const auto again = parse_amount(writer.written());
    require(again && *again == *amount);
}

void check_rate(std::string_view text)
{
    const auto rate = parse_rate(text);
    if (!rate) {
        require_within(rate.error().subject, text);
        return;
    }
    require(*rate >= -rate_limit && *rate <= rate_limit);
    const auto amount = parse_amount(text);
    require(amount && *amount == int128{*rate} * power_of_ten(amount_scale - rate_scale));
}

void check_day(std::string_view text)
{
    const auto day = parse_day(text);
    if (!day) return;
    require(in_calendar(*day));
    std::array<char, TextWriter::day_room> room;
    TextWriter writer(room);
    writer.day(*day);
    require(writer.written() == text);
}

}  // namespace
}  // namespace partner_bonus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    partner_bonus::fuzz::check_decimal(text);
    partner_bonus::fuzz::check_rate(text);
    partner_bonus::fuzz::check_day(text);
    return 0;
}
