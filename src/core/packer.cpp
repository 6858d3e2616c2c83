#include "packer.hpp"

#include <algorithm>

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
    std::string_view word;
    std::uint32_t bundle;

    bool operator<(const SortedWord &other) const noexcept
    {
        return leading != other.leading ? leading < other.leading : word_less(word, other.word);
    }
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
    std::array<std::string_view, pack_text::count> texts;
    const auto sorted = memory_.array<SortedWord>(count);
    if (!sorted.data()) return Errc::out_of_memory;
    for (std::size_t field = 0; field < fields.size(); ++field) {
        for (std::size_t number = 0; number < count; ++number) {
            store_.texts(bundle, number, texts);
            sorted[number] = {leading_bytes(texts[field]), texts[field], static_cast<std::uint32_t>(number)};
        }
        std::sort(sorted.begin(), sorted.end());
        const auto words = memory_.array<std::string_view>(count);
        const auto codes = memory_.array<std::uint32_t>(count);
        if (!words.data() || !codes.data()) return Errc::out_of_memory;
        std::size_t different = 0;
        for (const SortedWord &entry : sorted) {
            if (different == 0 || word_less(words[different - 1], entry.word)) words[different++] = entry.word;
            codes[entry.bundle] = static_cast<std::uint32_t>(different - 1);
        }
        const auto local = memory_.array<std::uint32_t>(different);
        if (!local.data()) return Errc::out_of_memory;
        std::fill(local.begin(), local.end(), 0U);
        columns_[fields[field]] = {words.first(different), codes, local};
    }
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
    const auto less = [&](std::uint32_t a, std::uint32_t b) {
        for (std::size_t column = 0; column < columns; ++column)
            if (codes[column][a] != codes[column][b]) return codes[column][a] < codes[column][b];
        return false;
    };
    std::sort(order.begin(), order.end(), less);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && less(order[i - 1], order[i])) ++number;
        numbers[order[i]] = number;
    }
    ranks = numbers;
    return Done{};
}

bool UsagePacker::before(const Place &a, const Place &b) const noexcept
{
    if (a.day_and_key != b.day_and_key) return a.day_and_key < b.day_and_key;
    if (a.place_and_resource != b.place_and_resource) return a.place_and_resource < b.place_and_resource;
    const auto &ranks = content_rank_[LineStore::labels];
    const auto label = [&ranks](const Place &place) { return ranks[place.line->bundle[LineStore::labels]]; };
    if (label(a) != label(b)) return label(a) < label(b);
    LineStore::Numbers left;
    LineStore::Numbers right;
    LineStore::numbers(*a.line, left);
    LineStore::numbers(*b.line, right);
    for (std::size_t i = 0; i < pack_number::count; ++i) {
        if (left.given[i] != right.given[i]) return right.given[i];
        const Amount x = *to_amount(left.value[i]);  // as each was checked to be one
        const Amount y = *to_amount(right.value[i]);
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
    if (!places_.data()) return Errc::out_of_memory;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const Line *line = store_.line(i);
        const auto ranked = [&](std::size_t kind) { return content_rank_[kind][line->bundle[kind]]; };
        places_[i] = {pair(day_order(line->day), ranked(LineStore::key)), pair(ranked(LineStore::place), ranked(LineStore::resource)), line};
    }
    std::sort(places_.begin(), places_.end(), [this](const Place &a, const Place &b) { return before(a, b); });
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

std::size_t UsagePacker::end_of_part(std::size_t from) const noexcept
{
    const Day day = places_[from].line->day;
    const auto same_key = [this](const Line &a, const Line &b) {
        for (std::size_t column = 0; column < pack_text::key_end; ++column)
            if (code(column, a) != code(column, b)) return false;
        return true;
    };
    std::size_t weights = 0;
    std::size_t last_key = from;  // where the key of the last line begins
    std::size_t to = from;
    for (; to < places_.size() && places_[to].line->day == day; ++to) {
        const Line &line = *places_[to].line;
        weights += weight(line);
        if (to > from && places_[to].day_and_key != places_[to - 1].day_and_key && !same_key(*places_[to - 1].line, line)) last_key = to;
        if (weights > max_pack_lines && to > from) return last_key > from ? last_key : to;
    }
    return to;
}

Status UsagePacker::make_text(std::size_t column, std::span<const Place> lines, PackColumns::Text &text, std::size_t &bytes_left,
                              const Memory &memory) noexcept
{
    Column &from = columns_[column];
    if (from.words.size() == 1) {
        text = {from.words, {}};
        return take_bytes(from.words.front().size(), bytes_left);
    }
    const auto codes = memory.array<std::uint32_t>(lines.size());
    const auto used = memory.array<std::uint32_t>(std::min(lines.size(), from.words.size()));
    if (!codes.data() || !used.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    const std::size_t kind = kind_of(column);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        codes[i] = from.codes[lines[i].line->bundle[kind]];
        if (from.local[codes[i]] != 0) continue;
        from.local[codes[i]] = 1;
        used[count++] = codes[i];
    }
    std::sort(used.begin(), used.begin() + static_cast<std::ptrdiff_t>(count));
    const auto words = memory.array<std::string_view>(count);
    if (!words.data()) return Errc::out_of_memory;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        words[i] = from.words[used[i]];
        bytes += words[i].size();
        from.local[used[i]] = static_cast<std::uint32_t>(i);
    }
    for (std::uint32_t &line_code : codes) line_code = from.local[line_code];
    for (std::size_t i = 0; i < count; ++i) from.local[used[i]] = 0;
    text.words = words;
    if (count > 1) text.codes = codes;
    return take_bytes(bytes, bytes_left);
}

Status UsagePacker::make_numbers(std::span<const Place> lines, std::span<PackColumns::Number> columns, const Memory &memory) noexcept
{
    using Number = PackColumns::Number;
    constexpr std::size_t width = pack_number::count;
    std::array<std::span<int128>, width> units;
    std::array<std::span<std::uint8_t>, width> scales;
    std::array<std::span<std::uint8_t>, width> given;
    std::array<std::size_t, width> given_count{};
    std::array<bool, width> not_zero{};
    for (std::size_t column = 0; column < width; ++column) {
        units[column] = memory.array<int128>(lines.size());
        scales[column] = memory.array<std::uint8_t>(lines.size());
        given[column] = memory.array<std::uint8_t>(lines.size());
        if (!units[column].data() || !scales[column].data() || !given[column].data()) return Errc::out_of_memory;
        columns[column].scale = 0;
    }
    LineStore::Numbers numbers;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        LineStore::numbers(*lines[i].line, numbers);
        for (std::size_t column = 0; column < width; ++column) {
            const Decimal &value = numbers.value[column];
            units[column][i] = value.units;
            scales[column][i] = static_cast<std::uint8_t>(value.scale);
            given[column][i] = numbers.given[column] ? 1 : 0;
            given_count[column] += given[column][i];
            not_zero[column] = not_zero[column] || value.units != 0;
            columns[column].scale = std::max(columns[column].scale, value.scale);
        }
    }
    for (std::size_t column = 0; column < width; ++column) {
        Number &made = columns[column];
        made.given = given_count[column] == lines.size() ? PackColumns::Given::always
                     : given_count[column] == 0          ? PackColumns::Given::never
                                                         : PackColumns::Given::sometimes;
        if (made.given == PackColumns::Given::sometimes) made.is_given = given[column];
        if (!not_zero[column]) continue;
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
    for (std::size_t column = 0; column < pack_text::count; ++column) {
        const Status made = make_text(column, lines, columns.texts[column], bytes_left, memory);
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
