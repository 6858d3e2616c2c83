// Text that is read as tiers is read into canonical bytes and printed as text that is read as the same.
#include "blocks.hpp"
#include "core/tiers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    Blocks memory;
    const auto value = tiers_from_text(text, memory);
    require_told_when_out_of_memory(size % 3, [text](Memory few) { return tiers_from_text(text, few); });
    if (!value) {
        require_within(value.error().subject, text);
        return 0;
    }
    const auto canonical = tiers_from_binary(*value, memory);
    require(canonical && same(*canonical, *value));
    const auto printed = tiers_to_text(*value, memory);
    require(static_cast<bool>(printed));
    const auto again = tiers_from_text(*printed, memory);
    require(again && same(*again, *value));
    return 0;
}
