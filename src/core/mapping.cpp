#include "mapping.hpp"

#include <algorithm>

#include "words.hpp"

namespace partner_bonus {

namespace {

constexpr std::string_view spaces = " \t\r";

struct TextField {
    std::string_view name;
    std::string_view UsageLine::*value;
};
struct NumberField {
    std::string_view name;
    OptionalDecimal UsageLine::*value;
};

// Fields are numbered: those that need more than a copy, then texts, then numbers.
enum Field : std::size_t { usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit, first_text };
constexpr std::array<std::string_view, first_text> first_fields{"usage_day", "account_id",      "service_id", "sku_id",
                                                                "currency",  "charge_category", "cost",       "credit",
                                                                "monetary_grant_credit"};
constexpr auto text_fields = std::to_array<TextField>({{"account_name", &UsageLine::account_name},
                                                       {"cloud_id", &UsageLine::cloud_id},
                                                       {"cloud_name", &UsageLine::cloud_name},
                                                       {"folder_id", &UsageLine::folder_id},
                                                       {"folder_name", &UsageLine::folder_name},
                                                       {"resource_id", &UsageLine::resource_id},
                                                       {"service_name", &UsageLine::service_name},
                                                       {"sku_name", &UsageLine::sku_name},
                                                       {"pricing_unit", &UsageLine::pricing_unit},
                                                       {"locale", &UsageLine::locale},
                                                       {"updated_at", &UsageLine::updated_at},
                                                       {"exported_at", &UsageLine::exported_at}});
constexpr auto number_fields = std::to_array<NumberField>({{"pricing_quantity", &UsageLine::pricing_quantity},
                                                           {"volume_incentive_credit", &UsageLine::volume_incentive_credit},
                                                           {"cud_credit", &UsageLine::cud_credit},
                                                           {"misc_credit", &UsageLine::misc_credit},
                                                           {"reward", &UsageLine::reward}});
constexpr std::size_t first_number = first_text + text_fields.size();
constexpr std::size_t field_count = first_number + number_fields.size();
static_assert(field_count <= max_columns_of_format);
constexpr std::array<Field, 5> required_fields{usage_day, account_id, service_id, currency, cost};

constexpr std::string_view name_of(std::size_t field) noexcept
{
    if (field < first_text) return first_fields[field];
    return field < first_number ? text_fields[field - first_text].name : number_fields[field - first_number].name;
}

// field_count when there is none of that name.
std::size_t field_named(std::string_view name) noexcept
{
    std::size_t field = 0;
    while (field < field_count && name_of(field) != name) ++field;
    return field;
}

constexpr bool takes_constant(std::size_t field) noexcept
{
    return field != usage_day && field != cost && field != credit && field != monetary_grant_credit && field < first_number;
}

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && spaces.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && spaces.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    return text;
}

// What is before the first `separator`, and behind it; without one there is nothing behind.
struct Halves {
    std::string_view before;
    std::string_view behind;
};
Halves split(std::string_view text, char separator) noexcept
{
    const std::size_t place = std::min(text.find(separator), text.size());
    const std::size_t next = std::min(place + 1, text.size());
    return {{text.data(), place}, {text.data() + next, text.size() - next}};
}

// Where the only run of this letter begins, which has that length; the pattern's size when it is not so.
std::size_t only_run(std::string_view pattern, char letter, std::size_t length) noexcept
{
    const std::size_t first = pattern.find(letter);
    const auto count = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), letter));
    if (count != length || pattern.rfind(letter) - first + 1 != length) return pattern.size();
    return first;
}

// The entries of a mapping, one after the other.
class MappingReader {
   public:
    // With room for as many names as there are lines.
    MappingReader(std::string_view text, std::span<std::string_view> attributes, std::span<std::string_view> ignored) noexcept
        : rest_(text), attributes_(attributes), ignored_(ignored)
    {
    }

    Result<Mapping> read() noexcept
    {
        while (!rest_.empty()) {
            const auto [text, behind] = split(rest_, '\n');
            rest_ = behind;
            ++line_;
            const std::string_view entry = trimmed(text);
            if (entry.empty() || entry.front() == '#') continue;
            const Status taken = take(entry);
            if (!taken) return taken.error();
        }
        for (const Field field : required_fields) {
            if (!is_given(field)) return Error{Errc::mapping_field_missing, name_of(field)};
        }
        mapping_.attributes = sorted(attributes_, attribute_count_);
        mapping_.ignored = sorted(ignored_, ignored_count_);
        return mapping_;
    }

   private:
    Error error(Errc code, std::string_view subject) const noexcept { return {code, subject, line_}; }

    bool is_given(std::size_t field) const noexcept { return mapping_.columns[field].name.data() || mapping_.constants[field].data(); }

    Status take(std::string_view entry) noexcept
    {
        const auto [before, behind] = split(entry, '=');
        const std::string_view name = trimmed(before), value = trimmed(behind);
        if (name.empty() || value.empty()) return error(Errc::mapping_entry_malformed, entry);
        if (name == "attribute") {
            attributes_[attribute_count_++] = value;
        } else if (name == "ignore") {
            ignored_[ignored_count_++] = value;
        } else if (name == "null") {
            if (mapping_.null_word.data()) return error(Errc::mapping_name_repeated, name);
            mapping_.null_word = value;
        } else if (name == "day_form") {
            if (has_day_form_) return error(Errc::mapping_name_repeated, name);
            return take_day_form(value);
        } else {
            return take_field(name, value, entry);
        }
        return Done{};
    }

    Status take_day_form(std::string_view pattern) noexcept
    {
        has_day_form_ = true;
        mapping_.day_form = {pattern, only_run(pattern, 'Y', 4), only_run(pattern, 'M', 2), only_run(pattern, 'D', 2)};
        const std::size_t last = std::max({mapping_.day_form.year, mapping_.day_form.month, mapping_.day_form.day});
        return last == pattern.size() ? Status(error(Errc::mapping_day_form, pattern)) : Status(Done{});
    }

    Status take_field(std::string_view name, std::string_view value, std::string_view entry) noexcept
    {
        const std::size_t field = field_named(name);
        if (field == field_count) return error(Errc::mapping_name_unknown, name);
        if (is_given(field)) return error(Errc::mapping_name_repeated, name);
        if (value.front() != '"') {
            // Of a moment the line keeps the day, and a category is spelled in one way: the column has more to tell.
            const bool attribute = field == usage_day || field == charge_category;
            mapping_.columns[field] = {.name = value, .required = true, .attribute = attribute};
            return Done{};
        }
        if (value.size() < 3 || value.back() != '"') return error(Errc::mapping_entry_malformed, entry);
        return take_constant(field, value);
    }

    Status take_constant(std::size_t field, std::string_view quoted) noexcept
    {
        std::string_view constant(quoted.data() + 1, quoted.size() - 2);
        bool usable = takes_constant(field);
        if (field == currency) usable = is_currency_code(constant);
        if (field == charge_category) {
            constant = charge_category_of(constant);
            usable = constant.data() != nullptr;
        }
        if (!usable) return error(Errc::mapping_constant_unusable, quoted);
        mapping_.constants[field] = constant;
        return Done{};
    }

    static std::span<const std::string_view> sorted(std::span<std::string_view> names, std::size_t count) noexcept
    {
        std::sort(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count));
        return names.first(count);
    }

    std::string_view rest_;
    std::int64_t line_ = 0;
    Mapping mapping_;
    bool has_day_form_ = false;
    std::span<std::string_view> attributes_, ignored_;
    std::size_t attribute_count_ = 0, ignored_count_ = 0;
};

// A line by its mapping.
class MappedLine {
   public:
    explicit MappedLine(LineFields &fields) noexcept : fields_(fields), mapping_(fields.mapping()) {}

    std::string_view text(std::size_t field) const noexcept
    {
        return mapping_.constants[field].data() ? mapping_.constants[field] : fields_.text(field);
    }
    std::string_view required_text(std::size_t field) const noexcept
    {
        return mapping_.constants[field].data() ? mapping_.constants[field] : fields_.required_text(field);
    }
    bool has_column(std::size_t field) const noexcept { return mapping_.columns[field].name.data() != nullptr; }

    void read(UsageLine &line) const noexcept
    {
        line.usage_day = fields_.day_in_utc(usage_day, mapping_.day_form);
        line.account_id = required_text(account_id);
        line.service_id = required_text(service_id);
        line.sku_id = text(sku_id);
        if (!line.sku_id.data()) line.sku_id = no_sku;
        line.currency = has_column(currency) ? fields_.currency(currency) : text(currency);
        line.charge_category = has_column(charge_category) ? fields_.charge_category(charge_category) : text(charge_category);
        if (!line.charge_category.data()) line.charge_category = usage_category;
        line.cost = fields_.amount(cost);
        if (fields_.text(credit).data()) line.credit = fields_.amount(credit);
        if (fields_.text(monetary_grant_credit).data()) line.monetary_grant_credit = fields_.amount(monetary_grant_credit);
        if (line.charge_category == credit_category && !has_column(credit)) std::swap(line.cost, line.credit);
        for (std::size_t i = 0; i < text_fields.size(); ++i) line.*text_fields[i].value = text(first_text + i);
        for (std::size_t i = 0; i < number_fields.size(); ++i) line.*number_fields[i].value = fields_.optional_amount(first_number + i);
    }

   private:
    LineFields &fields_;
    const Mapping &mapping_;
};

void read_mapped(LineFields &fields, UsageLine &line) noexcept { MappedLine(fields).read(line); }

}  // namespace

std::string_view Mapping::currency() const noexcept { return constants[Field::currency]; }

Result<Mapping> parse_mapping(std::string_view text, const Memory &memory) noexcept
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.size() > max_mapping_bytes) return Error{Errc::mapping_too_large, {}, static_cast<std::int64_t>(text.size())};
    if (!is_utf8_text(text)) return Errc::mapping_not_text;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    const auto attributes = memory.array<std::string_view>(lines);
    if (!attributes.data()) return Errc::out_of_memory;
    const auto ignored = memory.array<std::string_view>(lines);
    if (!ignored.data()) return Errc::out_of_memory;
    return MappingReader(text, attributes, ignored).read();
}

constinit const FormatRules mapping_rules{.name = "mapping", .columns = {}, .others = {}, .other_begins = {}, .keeps_unknown = true,
                                          .null_word = {}, .read = read_mapped};

}  // namespace partner_bonus
