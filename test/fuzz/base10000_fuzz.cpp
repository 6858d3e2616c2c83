// The server's digits are read exactly or refused, and written back as they came.
// Input: sign and weight, then digits of two bytes each.
#include "blocks.hpp"
#include "core/decimal.hpp"

namespace partner_bonus::fuzz {
namespace {

void require_equal(const Base10000 &written, std::span<const std::int16_t> digits, int weight, bool negative)
{
    while (!digits.empty() && digits.back() == 0) digits = digits.first(digits.size() - 1);
    for (; !digits.empty() && digits.front() == 0; --weight) digits = digits.subspan(1);
    require(std::equal(digits.begin(), digits.end(), written.digits.begin(), written.digits.begin() + written.count));
    if (!digits.empty()) require(written.weight == weight && written.negative == negative);
}

}  // namespace
}  // namespace partner_bonus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    if (size < 2) return 0;
    const bool negative = (data[0] & 1) != 0;
    const int weight = static_cast<std::int8_t>(data[1]);
    std::vector<std::int16_t> digits;
    for (std::size_t i = 2; i + 1 < size; i += 2)
        digits.push_back(static_cast<std::int16_t>((data[i] | data[i + 1] << 8) % 10000));

    if (const auto decimal = decimal_from_base10000(digits, weight, negative)) {
        require(decimal->scale >= 0 && decimal->scale <= amount_scale);
        require_equal(to_base10000(decimal->units, decimal->scale), digits, weight, negative);
        Decimal narrow;
        if (narrow_from_base10000(digits.data(), digits.size(), weight, negative, narrow))
            require(narrow.units == decimal->units && narrow.scale == decimal->scale);
        if (const auto amount = to_amount(*decimal)) require_equal(to_base10000(*amount, amount_scale), digits, weight, negative);
        if (const auto rate = to_rate(*decimal)) require_equal(to_base10000(int128{*rate}, rate_scale), digits, weight, negative);
    }
    if (const auto exact = exact_from_base10000(digits, weight, negative))
        require_equal(to_base10000(*exact, exact_scale), digits, weight, negative);
    return 0;
}
