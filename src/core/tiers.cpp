#include "tiers.hpp"

#include <algorithm>

#include "hash.hpp"
#include "text.hpp"

namespace partner_bonus {

namespace {

constexpr std::uint8_t stored_version = 1;

constexpr bool is_fraction(Rate rate) noexcept { return rate >= 0 && rate <= rate_one; }

// Of steps that ascend; neighbours may be equal, and below the first the rate is 0.
Result<Bytes> store(std::span<const Tier> tiers, const Memory &memory) noexcept
{
    const Tier first{0, !tiers.empty() && tiers.front().from == 0 ? tiers.front().rate : 0};
    int volume_zeros = amount_scale;
    int rate_zeros = trailing_zeros(first.rate, rate_scale);
    std::size_t count = 0;
    Tier before = first;
    for (const Tier &tier : tiers) {
        if (tier.rate == before.rate) continue;
        ++count;
        volume_zeros = trailing_zeros(tier.from, volume_zeros);
        rate_zeros = trailing_zeros(tier.rate, rate_zeros);
        before = tier;
    }
    if (count >= most_tiers) return Error{Errc::tiers_too_many, {}, static_cast<std::int64_t>(count + 1)};

    const auto room = memory.array<std::byte>(3 + 2 * varint_max_bytes + count * 2 * varint_max_bytes);
    if (!room.data()) return Errc::out_of_memory;
    WireWriter wire(room);
    wire.byte(stored_version);
    wire.byte(static_cast<std::uint8_t>(amount_scale - volume_zeros));
    wire.byte(static_cast<std::uint8_t>(rate_scale - rate_zeros));
    wire.varint(magnitude(drop_zeros(first.rate, rate_zeros)));
    wire.varint(count);
    before = first;
    for (const Tier &tier : tiers) {
        if (tier.rate == before.rate) continue;
        wire.varint(magnitude(drop_zeros(tier.from - before.from, volume_zeros)));
        wire.varint(magnitude(drop_zeros(tier.rate, rate_zeros)));
        before = tier;
    }
    return wire.written();
}

Result<std::span<Tier>> read(Bytes value, const Memory &memory) noexcept
{
    TiersReader reader(value);
    const auto tiers = memory.array<Tier>(reader.left());
    if (!tiers.data()) return Errc::out_of_memory;
    for (Tier &tier : tiers) reader.next(tier);
    return tiers;
}

}  // namespace

TiersReader::TiersReader(Bytes value) noexcept : wire_(value)
{
    wire_.byte();  // the version
    volume_factor_ = static_cast<uint128>(power_of_ten(amount_scale - std::min<int>(wire_.byte(), amount_scale)));
    rate_factor_ = power_of_ten(rate_scale - std::min<int>(wire_.byte(), rate_scale));
    ahead_ = {0, rate()};
    const auto further = static_cast<std::size_t>(std::min<uint128>(wire_.varint(), wire_.left()));
    left_ = further == 0 && ahead_.rate == 0 ? 0 : further + 1;
}

Rate TiersReader::rate() noexcept { return static_cast<Rate>(static_cast<std::int64_t>(wire_.varint()) * rate_factor_); }

bool TiersReader::next(Tier &tier) noexcept
{
    if (left_ == 0) return false;
    tier = ahead_;
    if (--left_ == 0) return true;
    ahead_.from = static_cast<Amount>(static_cast<uint128>(tier.from) + wire_.varint() * volume_factor_);  // forged ones wrap
    ahead_.rate = rate();
    return true;
}

Result<std::span<Tier>> tiers_room(std::size_t count, const Memory &memory) noexcept
{
    if (count > most_tiers) return Error{Errc::tiers_too_many, {}, static_cast<std::int64_t>(count)};
    const auto tiers = memory.array<Tier>(count);
    if (!tiers.data()) return Errc::out_of_memory;
    return tiers;
}

Result<Bytes> tiers_make(std::span<Tier> tiers, const Memory &memory) noexcept
{
    std::sort(tiers.begin(), tiers.end(), [](const Tier &a, const Tier &b) { return a.from < b.from; });
    if (!tiers.empty() && tiers.front().from < 0) return Errc::volume_negative;
    const auto repeated =
        std::adjacent_find(tiers.begin(), tiers.end(), [](const Tier &a, const Tier &b) { return a.from == b.from; });
    if (repeated != tiers.end()) return Error{Errc::volume_repeated, {}, repeated - tiers.begin()};
    return store(tiers, memory);
}

Result<Bytes> tiers_from_text(std::string_view text, const Memory &memory) noexcept
{
    TextReader reader(text);
    if (!reader.take('{')) return reader.stopped(Errc::text_malformed);
    PARTNER_BONUS_TRY(tiers, tiers_room(static_cast<std::size_t>(std::count(text.begin(), text.end(), ':')), memory));
    std::size_t count = 0;
    if (!reader.take('}')) {
        do {
            const auto volume = reader.take_until(":,}");
            PARTNER_BONUS_TRY(from, parse_amount(volume));
            if (from < 0) return Error{Errc::volume_negative, volume};
            if (count > 0 && from <= tiers[count - 1].from) return Error{Errc::volumes_not_ascending, volume};
            if (!reader.take(':')) return reader.stopped(Errc::text_malformed);
            const auto fraction = reader.take_until(",}");
            PARTNER_BONUS_TRY(rate, parse_rate(fraction));
            if (!is_fraction(rate)) return Error{Errc::rate_not_a_fraction, fraction};
            tiers[count++] = {from, rate};
        } while (reader.take(','));
        if (!reader.take('}')) return reader.stopped(Errc::text_malformed);
    }
    if (!reader.at_end()) return reader.stopped(Errc::text_trailing);
    return store(tiers.first(count), memory);
}

Result<std::string_view> tiers_to_text(Bytes value, const Memory &memory) noexcept
{
    TiersReader reader(value);
    constexpr std::size_t tier_room = 2 * TextWriter::decimal_room + 4;
    const auto room = memory.array<char>(2 + reader.left() * tier_room);
    if (!room.data()) return Errc::out_of_memory;
    TextWriter writer(room);
    writer.put('{');
    for (Tier tier; reader.next(tier);) {
        if (tier.from != 0) writer.put(", ");
        writer.decimal(tier.from, amount_scale);
        writer.put(": ");
        writer.decimal(tier.rate, rate_scale);
    }
    writer.put('}');
    return writer.written();
}

Result<Bytes> tiers_from_binary(Bytes bytes, const Memory &memory) noexcept
{
    if (bytes.empty()) return Errc::binary_malformed;
    const auto version = std::to_integer<std::uint8_t>(bytes.front());
    if (version != stored_version) return Error{Errc::binary_version, {}, version};
    if (TiersReader(bytes).left() > most_tiers) return Errc::binary_malformed;
    PARTNER_BONUS_TRY(tiers, read(bytes, memory));
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        if (!is_fraction(tiers[i].rate) || (i > 0 && tiers[i].from <= tiers[i - 1].from)) return Errc::binary_malformed;
    }
    PARTNER_BONUS_TRY(canonical, store(tiers, memory));
    if (!std::equal(bytes.begin(), bytes.end(), canonical.begin(), canonical.end())) return Errc::binary_malformed;
    return canonical;
}

Result<Bytes> tiers_cap(Bytes value, Rate most, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(tiers, read(value, memory));
    for (Tier &tier : tiers) tier.rate = std::min(tier.rate, most);
    return store(tiers, memory);
}

TierTerms tiers_at(Bytes value, Amount volume) noexcept
{
    TierTerms terms;
    TiersReader reader(value);
    for (Tier tier; reader.next(tier) && tier.from <= std::max<Amount>(volume, 0);) {
        terms.offset += Int256(tier.from) * (tier.rate - terms.rate);
        terms.rate = tier.rate;
    }
    return terms;
}

Int256 tiers_graduated(Bytes value, Amount volume) noexcept
{
    const TierTerms terms = tiers_at(value, volume);
    Int256 bonus = Int256(volume) * terms.rate;
    return bonus -= terms.offset;
}

std::strong_ordering tiers_compare(Bytes a, Bytes b) noexcept
{
    TiersReader left(a);
    TiersReader right(b);
    Tier x;
    Tier y;
    for (;;) {
        const bool has_x = left.next(x);
        const bool has_y = right.next(y);
        if (!has_x || !has_y) return has_x <=> has_y;
        if (x.from != y.from) return x.from <=> y.from;
        if (x.rate != y.rate) return x.rate <=> y.rate;
    }
}

std::uint64_t tiers_hash(Bytes value, std::uint64_t seed) noexcept
{
    Hash hash(seed);
    TiersReader reader(value);
    for (Tier tier; reader.next(tier);) {
        hash.add(tier.from);
        hash.add(static_cast<std::uint64_t>(tier.rate));
    }
    return hash.value();
}

}  // namespace partner_bonus
