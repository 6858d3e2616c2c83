#include "csv.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "words.hpp"

namespace partner_bonus {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t first_bytes = 4096;
constexpr std::size_t first_fields = 128;

// Specials are looked for in so many bytes at once; each has a bit in the answer, the first byte the lowest.
constexpr std::size_t block_bytes = 64;

// The compiler's portable vectors: plain integers are half as fast, and a call of memchr for each field is slower still.
using Lane [[gnu::vector_size(16)]] = std::int8_t;

// A bit for each byte of a lane that is true, the first byte the lowest.
std::uint64_t bits_of(Lane truths) noexcept
{
#ifdef __SSE2__
    using Characters [[gnu::vector_size(16)]] = char;
    return static_cast<unsigned>(__builtin_ia32_pmovmskb128(reinterpret_cast<Characters>(truths)));
#else
    using Halves [[gnu::vector_size(16)]] = std::uint64_t;
    constexpr Lane bit_of_byte{1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128};
    constexpr std::uint64_t sum_of_bytes = 0x0101010101010101;  // as a factor it adds all bytes up in the highest one
    const auto halves = reinterpret_cast<Halves>(truths & bit_of_byte);
    return (halves[0] * sum_of_bytes) >> 56 | (halves[1] * sum_of_bytes) >> 56 << 8;
#endif
}

struct Found {
    std::uint64_t commas;
    std::uint64_t others;  // quotes and line feeds
    bool plain;            // ASCII without NUL, all of it
};

Found find_specials(const char *block) noexcept
{
    Found found{};
    Lane odd{};
    const auto take = [&](int from) {
        Lane lane;
        __builtin_memcpy(&lane, block + from, sizeof(Lane));
        odd |= lane < 1;
        found.commas |= bits_of(lane == ',') << from;
        found.others |= bits_of((lane == '"') | (lane == '\n')) << from;
    };
    take(0);
    take(16);
    take(32);
    take(48);
    found.plain = bits_of(odd) == 0;
    return found;
}

Found find_specials(const char *bytes, std::size_t count) noexcept
{
    if (count == block_bytes) return find_specials(bytes);
    std::array<char, block_bytes> block;
    block.fill(' ');
    std::copy_n(bytes, count, block.begin());
    return find_specials(block.data());
}

}  // namespace

void CsvReader::feed(std::string_view chunk) noexcept
{
    if (size_ == 0) {
        window_ = chunk.data();
        size_ = chunk.size();
    } else {
        rest_ = chunk;
    }
}

Result<CsvReader::Step> CsvReader::next(CsvRecord &record) noexcept
{
    record = {};
    if (used_ != 0) start_record();
    while (!failed_) {
        Scan found = skip_byte_order_mark() ? scan() : Scan::ran_out;
        if (found == Scan::ran_out) {
            if (size_ > max_record_bytes) {
                fail(Errc::file_record_too_long, record_line_);
            } else if (!rest_.empty()) {
                // As far as a line feed, which may end the record; or just far enough to see that the record is too long.
                const std::size_t last = std::min({rest_.find('\n'), rest_.size() - 1, max_record_bytes - size_});
                const std::string_view more(rest_.data(), last + 1);
                if (hold(more)) rest_.remove_prefix(more.size());
            } else if (!finished_) {
                if (hold({})) return Step::needs_more;
            } else if (size_ == 0) {
                return Step::done;
            } else {
                found = end_record(size_, size_);
            }
        }
        if (found == Scan::blank_line) start_record();
        if (found == Scan::record) {
            record = {fields_.first(count_), record_line_};
            return Step::record;
        }
    }
    return failure_;
}

// Drops the record that was given. The next one starts behind it: in the window, or in what is left of the chunk.
void CsvReader::start_record() noexcept
{
    window_ += used_;
    size_ -= used_;
    if (size_ == 0) {
        window_ = rest_.data();
        size_ = rest_.size();
        rest_ = {};
    }
    used_ = at_ = field_ = count_ = 0;
    escaped_ = false;
    plain_ = true;
    record_line_ = line_;
}

// While the first bytes may become a byte order mark they are not scanned.
bool CsvReader::skip_byte_order_mark() noexcept
{
    if (!at_start_) return true;
    const std::string_view seen(window_, std::min(size_, byte_order_mark.size()));
    const bool more_may_come = !finished_ || !rest_.empty();
    if (more_may_come && seen.size() < byte_order_mark.size() && byte_order_mark.starts_with(seen)) return false;
    at_start_ = false;
    if (seen == byte_order_mark) at_ = field_ = seen.size();
    return true;
}

CsvReader::Scan CsvReader::scan() noexcept
{
    while (at_ < size_ && at_ <= max_record_bytes) {  // what is longer is not worth the memory for its fields
        const std::size_t count = std::min(size_ - at_, block_bytes);
        const Found found = find_specials(window_ + at_, count);
        plain_ = plain_ && found.plain;
        std::uint64_t commas = found.commas;
        for (std::uint64_t others = found.others;; others &= others - 1) {
            const std::uint64_t before = (others & -others) - 1;  // all of the block, when there are no others
            if (!in_quotes_ && !end_fields(commas & before)) return Scan::failed;
            if (others == 0) break;
            commas &= ~before;
            const std::size_t place = at_ + static_cast<std::size_t>(std::countr_zero(others));
            if (window_[place] == '"') {
                if (!take_quote(place)) return Scan::failed;
            } else {
                const Scan ended = in_quotes_ ? Scan::ran_out : end_record(place, place + 1);
                if (ended == Scan::failed) return ended;
                ++line_;
                if (ended != Scan::ran_out) return ended;
            }
        }
        at_ += count;
    }
    return Scan::ran_out;
}

// At commas of the block that is scanned, between which nothing is quoted.
inline bool CsvReader::end_fields(std::uint64_t commas) noexcept
{
    if (commas == 0) return true;
    const auto next = [&] {
        const std::size_t place = at_ + static_cast<std::size_t>(std::countr_zero(commas));
        commas &= commas - 1;
        return place;
    };
    if (quoted_) {
        const std::size_t place = next();
        if (!end_field(place)) return false;
        field_ = place + 1;
    }
    if (fields_.size() - count_ < block_bytes && !make_room_for_fields()) return false;
    CsvField *field = fields_.data() + count_;
    std::size_t begin = field_;
    while (commas != 0) {
        const std::size_t end = next();
        *field++ = {{window_ + begin, end - begin}, false};
        begin = end + 1;
    }
    count_ = static_cast<std::size_t>(field - fields_.data());
    field_ = begin;
    return true;
}

bool CsvReader::take_quote(std::size_t place) noexcept
{
    if (in_quotes_) {
        in_quotes_ = false;
        closed_ = place + 1;
    } else if (place == field_) {
        in_quotes_ = quoted_ = true;
        quote_line_ = line_;
    } else if (quoted_ && place == closed_) {
        in_quotes_ = escaped_ = true;
    } else {
        return fail_at_quote(place);
    }
    return true;
}

bool CsvReader::end_field(std::size_t end) noexcept
{
    if (count_ == fields_.size() && !make_room_for_fields()) return false;
    if (!quoted_) {
        fields_[count_++] = {{window_ + field_, end - field_}, false};
        return true;
    }
    if (closed_ != end) return fail_at_quote(end);
    fields_[count_++] = {{window_ + field_ + 1, end - field_ - 2}, true};
    quoted_ = false;
    return true;
}

// `end` is where the line ends, `next` where the next one starts.
CsvReader::Scan CsvReader::end_record(std::size_t end, std::size_t next) noexcept
{
    if (end > max_record_bytes) {
        fail(Errc::file_record_too_long, record_line_);
        return Scan::failed;
    }
    if (in_quotes_) {
        fail(Errc::file_quote_unterminated, quote_line_);
        return Scan::failed;
    }
    if (!plain_ && !is_utf8_text({window_, end})) {
        fail(Errc::file_not_text, record_line_);
        return Scan::failed;
    }
    used_ = next;
    if (end > field_ && window_[end - 1] == '\r') --end;
    if (end == field_ && count_ == 0) return Scan::blank_line;
    return end_field(end) && (!escaped_ || unescape()) ? Scan::record : Scan::failed;
}

// Keeps what there is of the record, and more bytes behind it, when the chunk will go before the record ends.
bool CsvReader::hold(std::string_view more) noexcept
{
    const std::size_t needed = size_ + more.size();
    if (needed > held_.size()) {
        const auto larger = memory_.array<char>(std::bit_ceil(std::max(needed, first_bytes)));
        if (!larger.data()) return fail(Errc::out_of_memory, record_line_);
        held_ = larger;
    }
    if (window_ != held_.data()) {
        std::copy_n(window_, size_, held_.data());
        for (CsvField &field : fields_.first(count_))
            field.text = {held_.data() + (field.text.data() - window_), field.text.size()};
        window_ = held_.data();
    }
    std::copy(more.begin(), more.end(), held_.data() + size_);
    size_ = needed;
    return true;
}

bool CsvReader::make_room_for_fields() noexcept
{
    const auto larger = memory_.array<CsvField>(std::max(2 * fields_.size(), first_fields));
    if (!larger.data()) return fail(Errc::out_of_memory, record_line_);
    std::copy(fields_.begin(), fields_.end(), larger.begin());
    fields_ = larger;
    return true;
}

// Fields with "" get their text anew; it is never longer than the record.
bool CsvReader::unescape() noexcept
{
    if (used_ > unescaped_.size()) {
        unescaped_ = memory_.array<char>(std::bit_ceil(std::max(used_, first_bytes)));
        if (!unescaped_.data()) return fail(Errc::out_of_memory, record_line_);
    }
    char *room = unescaped_.data();
    for (CsvField &field : fields_.first(count_)) {
        if (!field.quoted || field.text.find('"') == std::string_view::npos) continue;
        char *end = room;
        for (std::size_t i = 0; i < field.text.size(); ++i) {
            *end++ = field.text[i];
            if (field.text[i] == '"') ++i;  // the second of two
        }
        field.text = {room, end};
        room = end;
    }
    return true;
}

bool CsvReader::fail(Errc code, std::int64_t line) noexcept
{
    failed_ = true;
    failure_ = {code, {}, line};
    return false;
}

// A record that is too long is that before anything else, so that chunks make no difference.
bool CsvReader::fail_at_quote(std::size_t place) noexcept
{
    if (place > max_record_bytes) return fail(Errc::file_record_too_long, record_line_);
    return fail(Errc::file_quote_misplaced, line_);
}

}  // namespace partner_bonus
