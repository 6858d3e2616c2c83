#include "packer.hpp"

#include <algorithm>
#include <bit>

#include "sort_by_number.hpp"

namespace partner_bonus {

namespace {

// What makes a line count twice.
constexpr int weight_bits = 10;
constexpr std::size_t weight_bytes = std::size_t{1} << weight_bits;

constexpr std::uint64_t pair(std::uint32_t high, std::uint32_t low) noexcept { return std::uint64_t{high} << 32 | low; }

// The first eight bytes of a word as a number that sorts like them.
std::uint64_t leading_bytes(std::string_view word) noexcept
{
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < sizeof(bytes); ++i) bytes = bytes << 8 | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0U);
    return bytes;
}

struct SortedWord {
    std::uint64_t leading;
    std::uint32_t number;
};

// Words with more bytes could not be read again.
Status take_bytes(std::size_t bytes, std::size_t &bytes_left) noexcept
{
    if (bytes > std::min(bytes_left, max_words_bytes)) return Error{Errc::value_too_large, {}, static_cast<std::int64_t>(bytes)};
    bytes_left -= bytes;
    return Done{};
}

// Days sort like numbers without a sign.
constexpr std::uint32_t day_order(Day day) noexcept { return static_cast<std::uint32_t>(day) ^ 0x8000'0000U; }

// The smallest that shows every number whole. Mostly the first number of the greatest scale tells that it is needed.
int smallest_scale(std::span<const int128> units, std::span<const std::uint8_t> scales, int greatest) noexcept
{
    int smallest = 0;
    for (std::size_t i = 0; i < units.size() && smallest < greatest; ++i)
        if (scales[i] > smallest) smallest = std::max(smallest, scales[i] - trailing_zeros(units[i], scales[i]));
    return smallest;
}

constexpr std::size_t kind_of(std::size_t column) noexcept
{
    using namespace pack_text;
    switch (column) {
        case cloud_id:
        case folder_id:
        case cloud_name:
        case folder_name: return LineStore::place;
        case resource_id: return LineStore::resource;
        case attributes: return LineStore::labels;
        case locale:
        case updated_at:
        case exported_at: return LineStore::stamps;
        default: return LineStore::key;
    }
}

}  // namespace

// Gives the words of a bundle's columns their order.
Status UsagePacker::number_words(std::size_t bundle) noexcept
{
    const auto fields = LineStore::fields(bundle);
    const std::size_t count = store_.count(bundle);
    for (std::size_t field = 0; field < fields.size(); ++field) {
        const Words words = store_.words(fields[field]);
        const auto sorted = memory_.array<SortedWord>(words.size());
        const auto ascending = memory_.array<std::string_view>(words.size());
        if (!sorted.data() || !ascending.data()) return Errc::out_of_memory;
        const auto rank_of = memory_.array<std::uint32_t>(words.size());
        const auto codes = memory_.array<std::uint32_t>(count);
        const auto local = memory_.array<std::uint32_t>(words.size());
        if (!rank_of.data() || !codes.data() || !local.data()) return Errc::out_of_memory;
        for (std::size_t number = 0; number < words.size(); ++number) sorted[number] = {leading_bytes(words[number]), static_cast<std::uint32_t>(number)};
        std::sort(sorted.begin(), sorted.end(), [words](const SortedWord &a, const SortedWord &b) {
            return a.leading != b.leading ? a.leading < b.leading : word_less(words[a.number], words[b.number]);
        });
        for (std::size_t code = 0; code < words.size(); ++code) {
            ascending[code] = words[sorted[code].number];
            rank_of[sorted[code].number] = static_cast<std::uint32_t>(code);
        }
        for (std::size_t number = 0; number < count; ++number) codes[number] = rank_of[store_.word(bundle, number, field)];
        std::fill(local.begin(), local.end(), 0U);
        columns_[fields[field]] = {ascending, codes, local};
    }
    gathered_[bundle] = memory_.array<std::uint32_t>(count);
    if (!gathered_[bundle].data()) return Errc::out_of_memory;
    std::fill(gathered_[bundle].begin(), gathered_[bundle].end(), 0U);
    return Done{};
}

// Ranks the bundles of a kind by those of their columns that lie in [from, to); equal ones share a rank.
Status UsagePacker::rank(std::size_t bundle, std::size_t from, std::size_t to, std::span<const std::uint32_t> &ranks) noexcept
{
    std::array<const std::uint32_t *, pack_text::count> codes{};
    std::size_t columns = 0;
    for (const pack_text::Column column : LineStore::fields(bundle))
        if (column >= from && column < to) codes[columns++] = columns_[column].codes.data();
    if (columns == 1) {
        ranks = {codes[0], store_.count(bundle)};
        return Done{};
    }
    const auto order = memory_.array<std::uint32_t>(store_.count(bundle));
    const auto numbers = memory_.array<std::uint32_t>(store_.count(bundle));
    if (!order.data() || !numbers.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    for (std::size_t column = columns; column-- > 0;)  // each sorting leaves the order of those before where codes are equal
        sort_by_number(order, numbers, [&](std::uint32_t i) { return codes[column][i]; });
    const auto equal = [&](std::uint32_t a, std::uint32_t b) {
        return std::all_of(codes.begin(), codes.begin() + columns, [=](const std::uint32_t *code) { return code[a] == code[b]; });
    };
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && !equal(order[i - 1], order[i])) ++number;
        numbers[order[i]] = number;
    }
    ranks = numbers;
    return Done{};
}

// Of lines of the same day and key.
bool UsagePacker::before(const Place &a, const Place &b) const noexcept
{
    if (a.place_and_resource != b.place_and_resource) return a.place_and_resource < b.place_and_resource;
    const auto &ranks = content_rank_[LineStore::labels];
    const auto label = [&ranks](const Place &place) { return ranks[place.line->bundle[LineStore::labels]]; };
    if (label(a) != label(b)) return label(a) < label(b);
    LineStore::Numbers left;
    LineStore::Numbers right;
    LineStore::numbers(*a.line, left);
    LineStore::numbers(*b.line, right);
    for (std::size_t i = 0; i < pack_number::count; ++i) {
        const unsigned bit = 1U << i;
        if (((left.given ^ right.given) & bit) != 0) return (right.given & bit) != 0;
        const Amount x = (left.not_zero & bit) != 0 ? *to_amount(left.value[i]) : 0;  // as each was checked to be one
        const Amount y = (right.not_zero & bit) != 0 ? *to_amount(right.value[i]) : 0;
        if (x != y) return x < y;
    }
    for (const std::size_t kind : {LineStore::key, LineStore::place, LineStore::stamps}) {
        const std::uint32_t x = remark_rank_[kind][a.line->bundle[kind]];
        const std::uint32_t y = remark_rank_[kind][b.line->bundle[kind]];
        if (x != y) return x < y;
    }
    return false;
}

Status UsagePacker::finish() noexcept
{
    for (std::size_t bundle = 0; bundle < LineStore::bundles; ++bundle) {
        Status done = number_words(bundle);
        if (done && bundle != LineStore::stamps) done = rank(bundle, 0, pack_text::content_end, content_rank_[bundle]);
        if (done && bundle != LineStore::resource && bundle != LineStore::labels)
            done = rank(bundle, pack_text::content_end, pack_text::count, remark_rank_[bundle]);
        if (!done) return done;
    }
    std::size_t longest = 0;  // content of a line
    for (const Column &column : std::span(columns_).first(pack_text::content_end)) {
        std::size_t size = 0;
        for (const std::string_view word : column.words) size = std::max(size, word.size());
        longest += size;
    }
    light_ = longest < weight_bytes;
    places_ = memory_.array<Place>(store_.lines());
    const auto room = memory_.array<Place>(store_.lines());
    if (!places_.data() || !room.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const Line *line = store_.line(i);
        const auto ranked = [&](std::size_t kind) { return content_rank_[kind][line->bundle[kind]]; };
        places_[i] = {pair(day_order(line->day), ranked(LineStore::key)), pair(ranked(LineStore::place), ranked(LineStore::resource)), line};
    }
    sort_by_number(places_, room, [](const Place &place) { return place.day_and_key; });
    for (auto from = places_.begin(), to = from; from != places_.end(); from = to) {
        to = std::find_if(from, places_.end(), [from](const Place &place) { return place.day_and_key != from->day_and_key; });
        std::sort(from, to, [this](const Place &a, const Place &b) { return before(a, b); });
    }
    return Done{};
}

std::uint32_t UsagePacker::code(std::size_t column, const Line &line) const noexcept
{
    return columns_[column].codes[line.bundle[kind_of(column)]];
}

// Content alone: the same lines under other names are cut at the same places.
std::size_t UsagePacker::weight(const Line &line) const noexcept
{
    if (light_) return 1;
    std::size_t bytes = 0;
    for (std::size_t column = 0; column < pack_text::content_end; ++column) bytes += columns_[column].words[code(column, line)].size();
    return 1 + (bytes >> weight_bits);
}

bool UsagePacker::same_key(const Line &a, const Line &b) const noexcept
{
    for (std::size_t column = 0; column < pack_text::key_end; ++column)
        if (code(column, a) != code(column, b)) return false;
    return true;
}

std::size_t UsagePacker::end_of_part(std::size_t from) const noexcept
{
    const auto day = [](const Place &place) { return place.day_and_key >> 32; };
    std::size_t weights = 0;
    std::size_t to = from;
    for (; to < places_.size() && day(places_[to]) == day(places_[from]); ++to) {
        weights += weight(*places_[to].line);
        if (weights > max_pack_lines && to > from) {
            std::size_t key = to;  // where the key of the line that is too much begins
            while (key > from && same_key(*places_[key - 1].line, *places_[to].line)) --key;
            return key > from ? key : to;
        }
    }
    return to;
}

Status UsagePacker::gather(std::size_t bundle, std::span<const Place> lines, Bundles &gathered, const Memory &memory) noexcept
{
    auto &places = gathered_[bundle];
    gathered.all = memory.array<std::uint32_t>(std::min(lines.size(), places.size()));
    gathered.of_line = memory.array<std::uint32_t>(lines.size());
    if (!gathered.all.data() || !gathered.of_line.data()) return Errc::out_of_memory;
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::uint32_t number = lines[i].line->bundle[bundle];
        if (places[number] == 0) {
            gathered.all[count] = number;
            places[number] = ++count;
        }
        gathered.of_line[i] = places[number] - 1;
    }
    gathered.all = gathered.all.first(count);
    for (const std::uint32_t number : gathered.all) places[number] = 0;
    return Done{};
}

Status UsagePacker::make_text(std::size_t column, const Bundles &bundles, PackColumns::Text &text, std::size_t &bytes_left,
                              const Memory &memory) noexcept
{
    Column &from = columns_[column];
    if (from.words.size() == 1) {
        text = {from.words, {}};
        return take_bytes(from.words.front().size(), bytes_left);
    }
    const auto codes = memory.array<std::uint32_t>(bundles.all.size());
    const auto room = memory.array<std::uint32_t>(bundles.all.size());
    auto used = memory.array<std::uint32_t>(bundles.all.size());
    if (!codes.data() || !room.data() || !used.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = from.codes[bundles.all[i]];
        if (from.local[codes[i]] != 0) continue;
        from.local[codes[i]] = 1;
        used[count++] = codes[i];
    }
    used = used.first(count);
    sort_by_number(used, room, [](std::uint32_t code) { return code; });
    const auto words = memory.array<std::string_view>(count);
    if (!words.data()) return Errc::out_of_memory;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        words[i] = from.words[used[i]];
        bytes += words[i].size();
        from.local[used[i]] = static_cast<std::uint32_t>(i);
    }
    for (std::uint32_t &bundle_code : codes) bundle_code = from.local[bundle_code];
    for (const std::uint32_t code : used) from.local[code] = 0;
    const Status taken = take_bytes(bytes, bytes_left);
    if (!taken) return taken;
    text.words = words;
    if (count == 1) return Done{};
    const auto line_codes = memory.array<std::uint32_t>(bundles.of_line.size());
    if (!line_codes.data()) return Errc::out_of_memory;
    std::transform(bundles.of_line.begin(), bundles.of_line.end(), line_codes.begin(), [codes](std::uint32_t place) { return codes[place]; });
    text.codes = line_codes;
    return Done{};
}

Status UsagePacker::make_numbers(std::span<const Place> lines, std::span<PackColumns::Number> columns, const Memory &memory) noexcept
{
    using Number = PackColumns::Number;
    constexpr std::size_t width = pack_number::count;
    std::array<std::span<int128>, width> units;  // of columns that are not all 0
    std::array<std::span<std::uint8_t>, width> scales;
    const auto marks = memory.array<std::uint8_t>(lines.size());  // which are given
    if (!marks.data()) return Errc::out_of_memory;
    unsigned given_once = 0;
    unsigned given_always = ~0U;
    unsigned started = 0;
    for (std::size_t column = 0; column < width; ++column) columns[column].scale = 0;
    LineStore::Numbers numbers;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        LineStore::numbers(*lines[i].line, numbers);
        marks[i] = static_cast<std::uint8_t>(numbers.given);
        given_once |= numbers.given;
        given_always &= numbers.given;
        for (unsigned left = numbers.not_zero & ~started; left != 0; left &= left - 1) {
            const auto column = static_cast<std::size_t>(std::countr_zero(left));
            units[column] = memory.array<int128>(lines.size());
            scales[column] = memory.array<std::uint8_t>(lines.size());
            if (!units[column].data() || !scales[column].data()) return Errc::out_of_memory;
            std::fill(units[column].begin(), units[column].end(), 0);
            std::fill(scales[column].begin(), scales[column].end(), std::uint8_t{0});
        }
        started |= numbers.not_zero;
        for (unsigned left = numbers.not_zero; left != 0; left &= left - 1) {
            const auto column = static_cast<std::size_t>(std::countr_zero(left));
            const Decimal &value = numbers.value[column];
            units[column][i] = value.units;
            scales[column][i] = static_cast<std::uint8_t>(value.scale);
            columns[column].scale = std::max(columns[column].scale, value.scale);
        }
    }
    for (std::size_t column = 0; column < width; ++column) {
        Number &made = columns[column];
        const unsigned bit = 1U << column;
        made.given = (given_always & bit) != 0 ? PackColumns::Given::always
                     : (given_once & bit) == 0 ? PackColumns::Given::never
                                               : PackColumns::Given::sometimes;
        if (made.given == PackColumns::Given::sometimes) {
            const auto given = memory.array<std::uint8_t>(lines.size());
            if (!given.data()) return Errc::out_of_memory;
            std::transform(marks.begin(), marks.end(), given.begin(), [bit](std::uint8_t mark) { return static_cast<std::uint8_t>((mark & bit) != 0); });
            made.is_given = given;
        }
        if ((started & bit) == 0) continue;
        made.scale = smallest_scale(units[column], scales[column], made.scale);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const int more = made.scale - scales[column][i];
            if (more > 0) units[column][i] *= power_of_ten(more);
            if (more < 0) units[column][i] = drop_zeros(units[column][i], -more);
        }
        made.units = units[column];
    }
    return Done{};
}

Result<bool> UsagePacker::next(DayPack &pack, const Memory &memory) noexcept
{
    if (at_ == places_.size()) return false;
    const std::size_t end = end_of_part(at_);
    const std::span<const Place> lines = places_.subspan(at_, end - at_);
    const Day day = lines.front().line->day;
    part_ = at_ > 0 && places_[at_ - 1].line->day == day ? part_ + 1 : 0;

    PackColumns columns;
    columns.lines = lines.size();
    std::size_t bytes_left = max_pack_words_bytes;
    std::array<Bundles, LineStore::bundles> bundles;
    for (std::size_t bundle = 0; bundle < bundles.size(); ++bundle) {
        const Status gathered = gather(bundle, lines, bundles[bundle], memory);
        if (!gathered) return gathered.error();
    }
    for (std::size_t column = 0; column < pack_text::count; ++column) {
        const Status made = make_text(column, bundles[kind_of(column)], columns.texts[column], bytes_left, memory);
        if (!made) return made.error();
    }
    const Status made = make_numbers(lines, columns.numbers, memory);
    if (!made) return made.error();
    PARTNER_BONUS_TRY(bytes, write_pack(columns, memory));
    pack = {day, part_, lines.size(), bytes, columns.texts[pack_text::exported_at].words.back()};
    at_ = end;
    return true;
}

}  // namespace partner_bonus
