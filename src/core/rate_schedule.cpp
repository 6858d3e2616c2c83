#include "rate_schedule.hpp"

#include <algorithm>

#include "hash.hpp"
#include "text.hpp"

namespace partner_bonus {

namespace {

constexpr std::uint8_t stored_version = 1;

constexpr bool within_limit(int128 rate) noexcept { return rate >= -rate_limit && rate <= rate_limit; }

// Bounds beyond the calendar are no bounds.
constexpr DayRange clip(DayRange days) noexcept
{
    if (days.from <= first_day) days.from = unbounded_before;
    if (days.to > last_day) days.to = unbounded_after;
    return days;
}

Result<std::span<const Step>> steps_of_working(const RateState &state, const Memory &memory) noexcept
{
    const auto changes = memory.array<RateChange>(state.count());
    if (!changes.data()) return Errc::out_of_memory;
    const auto steps = memory.array<Step>(state.count() + 1);
    if (!steps.data()) return Errc::out_of_memory;
    std::copy_n(state.changes(), state.count(), changes.begin());
    std::sort(changes.begin(), changes.end(), [](const RateChange &a, const RateChange &b) { return a.day < b.day; });

    int128 rate = 0;
    std::size_t count = 0;
    steps[count++] = {unbounded_before, 0};
    for (auto change = changes.begin(); change != changes.end();) {
        const Day day = change->day;
        for (; change != changes.end() && change->day == day; ++change) rate += change->change;
        if (!within_limit(rate)) return Error{Errc::rate_out_of_range, {}, day};
        if (day == unbounded_before) {
            steps.front().rate = static_cast<Rate>(rate);
        } else if (steps[count - 1].rate != rate) {
            steps[count++] = {day, static_cast<Rate>(rate)};
        }
    }
    return std::span<const Step>(steps.first(count));
}

// Lays two schedules over each other; `rate` gives the rate of a day from theirs.
template <class F>
Result<Bytes> overlay(std::span<const Step> a, std::span<const Step> b, const Memory &memory, F rate) noexcept
{
    const auto steps = memory.array<Step>(a.size() + b.size());
    if (!steps.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    std::size_t i = 0;
    std::size_t j = 0;
    for (Day at = unbounded_before;;) {
        const Result<int128> combined = rate(a[i].rate, b[j].rate);
        if (!combined) return Error{combined.error().code, {}, at};
        if (!within_limit(*combined)) return Error{Errc::rate_out_of_range, {}, at};
        steps[count++] = {at, static_cast<Rate>(*combined)};
        const Day next_a = i + 1 < a.size() ? a[i + 1].from : unbounded_after;
        const Day next_b = j + 1 < b.size() ? b[j + 1].from : unbounded_after;
        at = std::min(next_a, next_b);
        if (at == unbounded_after) break;
        if (next_a == at) ++i;
        if (next_b == at) ++j;
    }
    return schedule_store(steps.first(count), memory);
}

template <class F>
Result<Bytes> overlay(Bytes a, Bytes b, const Memory &memory, F rate) noexcept
{
    PARTNER_BONUS_TRY(left, schedule_steps(a, memory));
    PARTNER_BONUS_TRY(right, schedule_steps(b, memory));
    return overlay(left, right, memory, rate);
}

}  // namespace

Result<DayRange> schedule_range(DayRange days) noexcept
{
    if (days.from != unbounded_before && !in_calendar(days.from)) return Error{Errc::day_out_of_range, {}, days.from};
    if (days.to != unbounded_after && (days.to <= first_day || days.to > last_day + 1))
        return Error{Errc::day_out_of_range, {}, days.to};
    return clip(days);
}

Result<std::span<const Step>> schedule_steps(Bytes value, const Memory &memory) noexcept
{
    if (const RateState *working = RateState::in(value)) return steps_of_working(*working, memory);
    WireReader wire(value);
    wire.byte();  // the version
    const int scale = std::min<int>(wire.byte(), rate_scale);
    const int128 factor = power_of_ten(rate_scale - scale);
    const auto rate = [&] { return static_cast<Rate>(static_cast<std::int64_t>(wire.signed_varint()) * factor); };
    const Rate before = rate();
    const auto count = static_cast<std::size_t>(std::min<uint128>(wire.varint(), wire.left()));
    const auto steps = memory.array<Step>(count + 1);
    if (!steps.data()) return Errc::out_of_memory;
    steps.front() = {unbounded_before, before};
    Day day = 0;
    for (Step &step : steps.subspan(1)) {
        day = static_cast<Day>(static_cast<uint128>(day) + static_cast<uint128>(wire.signed_varint()));  // forged ones wrap
        step = {day, rate()};
    }
    return std::span<const Step>(steps);
}

Result<Bytes> schedule_store(std::span<const Step> steps, const Memory &memory) noexcept
{
    int zeros = rate_scale;
    std::size_t count = 0;  // steps that change the rate, not counting the first
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (i > 0 && steps[i].rate != steps[i - 1].rate) ++count;
        zeros = trailing_zeros(steps[i].rate, zeros);
    }
    const auto room = memory.array<std::byte>(2 + 2 * varint_max_bytes + count * 2 * varint_max_bytes);
    if (!room.data()) return Errc::out_of_memory;
    WireWriter wire(room);
    wire.byte(stored_version);
    wire.byte(static_cast<std::uint8_t>(rate_scale - zeros));
    wire.signed_varint(drop_zeros(steps.front().rate, zeros));
    wire.varint(count);
    Day before = 0;
    for (std::size_t i = 1; i < steps.size(); ++i) {
        if (steps[i].rate == steps[i - 1].rate) continue;
        wire.signed_varint(steps[i].from - before);
        wire.signed_varint(drop_zeros(steps[i].rate, zeros));
        before = steps[i].from;
    }
    return wire.written();
}

Result<Bytes> schedule_store(Bytes value, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(steps, schedule_steps(value, memory));
    return schedule_store(steps, memory);
}

Result<Bytes> schedule_on(DayRange days, Rate rate, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(range, schedule_range(days));
    Step steps[3];
    std::size_t count = 0;
    if (range.from != unbounded_before) steps[count++] = {unbounded_before, 0};
    steps[count++] = {range.from, rate};
    if (range.to != unbounded_after) steps[count++] = {range.to, 0};
    return schedule_store(std::span<const Step>(steps, count), memory);
}

Result<Bytes> schedule_from_binary(Bytes bytes, const Memory &memory) noexcept
{
    if (bytes.empty()) return Errc::binary_malformed;
    const auto version = std::to_integer<std::uint8_t>(bytes.front());
    if (version != stored_version) return Error{Errc::binary_version, {}, version};
    PARTNER_BONUS_TRY(steps, schedule_steps(bytes, memory));
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!within_limit(steps[i].rate)) return Errc::binary_malformed;
        if (i == 0) continue;
        // A step on the calendar's first day would be no step: nothing is before it.
        if (steps[i].from <= std::max(first_day, steps[i - 1].from) || steps[i].from > last_day) return Errc::binary_malformed;
    }
    PARTNER_BONUS_TRY(canonical, schedule_store(steps, memory));
    if (!std::equal(bytes.begin(), bytes.end(), canonical.begin(), canonical.end())) return Errc::binary_malformed;
    return canonical;
}

Result<Bytes> schedule_from_text(std::string_view text, const Memory &memory) noexcept
{
    TextReader reader(text);
    if (!reader.take('{')) return reader.stopped(Errc::text_malformed);
    struct Segment {
        DayRange days;
        Rate rate;
    };
    const auto segments = memory.array<Segment>(static_cast<std::size_t>(std::count(text.begin(), text.end(), ':')));
    if (!segments.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    if (!reader.take('}')) {
        do {
            const bool from_included = reader.take('[');
            if (!from_included && !reader.take('(')) return reader.stopped(Errc::text_malformed);
            DayRange days{unbounded_before, unbounded_after};
            if (const auto from = reader.take_until(",)]}"); !from.empty()) {
                PARTNER_BONUS_TRY(day, parse_day(from));
                days.from = day + (from_included ? 0 : 1);
            }
            if (!reader.take(',')) return reader.stopped(Errc::text_malformed);
            const auto to = reader.take_until(",)]}");
            const bool to_included = reader.take(']');
            if (!to_included && !reader.take(')')) return reader.stopped(Errc::text_malformed);
            if (!to.empty()) {
                PARTNER_BONUS_TRY(day, parse_day(to));
                days.to = day + (to_included ? 1 : 0);
            }
            if (!reader.take(':')) return reader.stopped(Errc::text_malformed);
            PARTNER_BONUS_TRY(rate, parse_rate(reader.take_until(",}")));
            if (days.from >= days.to || days.from > last_day || days.to <= first_day)
                return Error{Errc::range_empty, {}, days.from};
            segments[count++] = {clip(days), rate};
        } while (reader.take(','));
        if (!reader.take('}')) return reader.stopped(Errc::text_malformed);
    }
    if (!reader.at_end()) return reader.stopped(Errc::text_trailing);

    const auto sorted = segments.first(count);
    std::sort(sorted.begin(), sorted.end(), [](const Segment &a, const Segment &b) { return a.days.from < b.days.from; });
    const auto steps = memory.array<Step>(2 * count + 1);
    if (!steps.data()) return Errc::out_of_memory;
    std::size_t step_count = 0;
    steps[step_count++] = {unbounded_before, 0};
    Day covered_to = unbounded_before;
    for (const auto &[days, rate] : sorted) {
        if (days.from < covered_to) return Error{Errc::range_overlap, {}, days.from};
        if (steps[step_count - 1].from == days.from) --step_count;  // the gap before this segment is empty
        steps[step_count++] = {days.from, rate};
        covered_to = days.to;
        if (days.to != unbounded_after) steps[step_count++] = {days.to, 0};
    }
    return schedule_store(steps.first(step_count), memory);
}

Result<std::string_view> schedule_to_text(Bytes value, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(steps, schedule_steps(value, memory));
    constexpr std::size_t segment_room = 2 * TextWriter::day_room + TextWriter::decimal_room + 7;
    const auto room = memory.array<char>(2 + steps.size() * segment_room);
    if (!room.data()) return Errc::out_of_memory;
    TextWriter writer(room);
    writer.put('{');
    bool first = true;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].rate == 0) continue;
        if (!first) writer.put(", ");
        first = false;
        writer.put(steps[i].from == unbounded_before ? '(' : '[');
        if (steps[i].from != unbounded_before) writer.day(steps[i].from);
        writer.put(',');
        if (i + 1 < steps.size()) writer.day(steps[i + 1].from);
        writer.put("): ");
        writer.decimal(steps[i].rate, rate_scale);
    }
    writer.put('}');
    return writer.written();
}

Result<Bytes> schedule_add(Bytes a, Bytes b, const Memory &memory) noexcept
{
    return overlay(a, b, memory, [](Rate x, Rate y) -> Result<int128> { return int128{x} + y; });
}

Result<Bytes> schedule_subtract(Bytes a, Bytes b, const Memory &memory) noexcept
{
    return overlay(a, b, memory, [](Rate x, Rate y) -> Result<int128> { return int128{x} - y; });
}

Result<Bytes> schedule_compound(Bytes a, Bytes b, const Memory &memory) noexcept
{
    return overlay(a, b, memory, [](Rate x, Rate y) -> Result<int128> {
        const int128 product = int128{x} * y;
        if (trailing_zeros(product, rate_scale) != rate_scale) return Errc::rate_too_many_decimals;
        return int128{x} + y - drop_zeros(product, rate_scale);
    });
}

Result<Bytes> schedule_cap(Bytes value, Rate limit, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(steps, schedule_steps(value, memory));
    const Step everywhere{unbounded_before, limit};
    return overlay(steps, {&everywhere, 1}, memory, [](Rate rate, Rate most) -> Result<int128> { return std::min(rate, most); });
}

Result<Bytes> schedule_restrict(Bytes value, std::span<const DayRange> ranges, const Memory &memory) noexcept
{
    PARTNER_BONUS_TRY(steps, schedule_steps(value, memory));
    // The ranges as a schedule of zeros and ones.
    const auto kept = memory.array<Step>(2 * ranges.size() + 1);
    if (!kept.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    kept[count++] = {unbounded_before, 0};
    for (const DayRange &range : ranges) {
        if (range.from > last_day || range.to <= first_day) continue;  // wholly beyond the calendar
        const DayRange days = clip(range);
        if (days.from == unbounded_before) count = 0;
        kept[count++] = {days.from, 1};
        if (days.to != unbounded_after) kept[count++] = {days.to, 0};
    }
    return overlay(steps, kept.first(count), memory, [](Rate rate, Rate keep) -> Result<int128> { return keep != 0 ? rate : 0; });
}

Rate rate_at(std::span<const Step> steps, Day day) noexcept
{
    const auto after = std::upper_bound(steps.begin(), steps.end(), day, [](Day at, const Step &step) { return at < step.from; });
    return std::prev(after)->rate;
}

std::strong_ordering schedule_compare(std::span<const Step> a, std::span<const Step> b) noexcept
{
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), [](const Step &x, const Step &y) {
        const auto order = x.from <=> y.from;
        return order != 0 ? order : x.rate <=> y.rate;
    });
}

std::uint64_t schedule_hash(std::span<const Step> steps, std::uint64_t seed) noexcept
{
    Hash hash(seed);
    for (const Step &step : steps) {
        hash.add(static_cast<std::uint64_t>(static_cast<std::int64_t>(step.from)));
        hash.add(static_cast<std::uint64_t>(step.rate));
    }
    return hash.value();
}

}  // namespace partner_bonus
