// Bytes that are accepted as tiers are the one way to write them, and every operation can bear them.
#include "blocks.hpp"
#include "core/tiers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace partner_bonus;
    using namespace partner_bonus::fuzz;
    const Bytes bytes = std::as_bytes(std::span(data, size));
    Blocks memory;
    const auto value = tiers_from_binary(bytes, memory);
    require_told_when_out_of_memory(size % 3, [bytes](Memory few) { return tiers_from_binary(bytes, few); });
    if (!value) return 0;
    require(same(*value, bytes));

    const auto printed = tiers_to_text(*value, memory);
    require(static_cast<bool>(printed));
    const auto read = tiers_from_text(*printed, memory);
    require(read && same(*read, bytes));
    require(tiers_hash(*read, 0) == tiers_hash(*value, 0));
    require(tiers_compare(*read, *value) == 0);

    TiersReader reader(*value);
    require(reader.left() <= most_tiers);
    Tier tier;
    for (int left = 8; left > 0 && reader.next(tier); --left) {
        const TierTerms terms = tiers_at(*value, tier.from);
        require(terms.rate == tier.rate && terms.rate >= 0 && terms.rate <= rate_one);
        if (tier.from == 0) continue;
        // Continuous: the boundary is worth the same by the tier below.
        const TierTerms below = tiers_at(*value, tier.from - 1);
        Int256 bonus = Int256(tier.from) * below.rate;
        bonus -= below.offset;
        require(below.rate != tier.rate && bonus == tiers_graduated(*value, tier.from));
    }
    const auto capped = tiers_cap(*value, rate_one / 2, memory);
    require(capped && tiers_from_binary(*capped, memory));
    const auto whole = tiers_cap(*value, rate_one, memory);
    require(whole && same(*whole, bytes));
    return 0;
}
