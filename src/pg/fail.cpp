#include "fail.hpp"

#include "../core/messages.hpp"
#include "datum.hpp"

namespace partner_bonus::pg {

namespace {

struct Words {
    int sqlstate;
    const char *message;
    const char *detail;  // as in Message
    const char *hint;
    const char *on_day = nullptr;
};

Words words_for(Errc code)
{
    const Message words = message_of(code);
    const char *state = words.sqlstate;
    return {MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]), words.message, words.detail, words.hint, words.on_day};
}

constexpr const char *moment_hint = "Give a timestamp with its offset, like 2026-11-01 00:00:00+00, or infinity.";
constexpr int most_shown = 120;  // characters of the input that a DETAIL repeats

// The piece of input as a DETAIL shows it.
const char *shortened(std::string_view input)
{
    const int whole = static_cast<int>(input.size());
    const int kept = pg_mbcliplen(input.data(), whole, most_shown);
    return psprintf("%.*s%s", kept, input.data(), kept < whole ? "..." : "");
}

const char *day_text(std::int64_t day)
{
    if (day == unbounded_before) return "-infinity";
    if (day == unbounded_after) return "infinity";
    return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(static_cast<DateADT>(day))));
}

Words words_for(Misuse misuse)
{
    switch (misuse) {
        case Misuse::null_day:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "day of usage is NULL", "Every amount belongs to a day.",
                    "Give the day of the usage, or leave such rows out with FILTER (WHERE day IS NOT NULL)."};
        case Misuse::null_sign:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "sign of a usage_pack is NULL", nullptr, "Give 1 to add the lines of the pack, -1 to take them off."};
        case Misuse::null_range:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "range of days is NULL", "Every rate belongs to days.",
                    "Give a daterange, or leave such rows out with FILTER (WHERE ... IS NOT NULL)."};
        case Misuse::null_rate:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "rate is NULL", nullptr,
                    "Give a rate, or leave such rows out with FILTER (WHERE ... IS NOT NULL)."};
        case Misuse::null_argument:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "argument of allocate is NULL", "It is the %s.", nullptr};
        case Misuse::null_element:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "element of an array is NULL", "It is in %s.", "Give each volume its rate."};
        case Misuse::array_of_arrays:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "array has more than one dimension", "It is %s.", "Give plain lists of volumes and of rates."};
        case Misuse::lengths_differ:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "arrays have different lengths", "They have %s elements.", "Give each volume its rate."};
        case Misuse::no_window:
            return {ERRCODE_WINDOWING_ERROR, "window function called without a window", nullptr, "Call it with OVER (PARTITION BY ... ORDER BY ...)."};
        case Misuse::target_varies:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "target and scale vary within the partition", nullptr,
                    "PARTITION BY what the target belongs to: one printed amount, one partition."};
        case Misuse::null_in_block:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "argument of printed_leaves is NULL", "It is %s.", "Only account_id may be NULL; an amount that is not there is 0."};
        case Misuse::block_varies:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "VAT or rounding vary within the partition", "Rows differ in %s.",
                    "PARTITION BY what is rounded as one: document, section and VAT."};
        case Misuse::account_scattered:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "lines of an account do not follow each other", "The account is %s.",
                    "ORDER BY account_id first."};
        case Misuse::keys_repeat:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "order of the shares is not unique", "Two rows of the partition have equal keys.",
                    "ORDER BY a unique key, so that ties are always broken in the same way."};
        case Misuse::rule_rate_too_fine:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "rate of a rule has more than six decimals", "The rate is %s.",
                    "Round the rate; six decimals keep compound rates exact."};
        case Misuse::validity_empty:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "validity has no days", "The range is empty.",
                    "Give the first day and the day after the last: [2026-05-01,2026-06-01)."};
        case Misuse::unknown_rounding_mode:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "unknown rounding mode", "The mode is \"%s\".",
                    "Modes are: half away from zero, half even, half up, down, up, truncate."};
        case Misuse::unknown_moment:
            return {ERRCODE_INVALID_DATETIME_FORMAT, "bonus.known_at is not a moment", "It was set to \"%s\".", moment_hint};
        case Misuse::encoding_not_utf8:
            return {ERRCODE_FEATURE_NOT_SUPPORTED, "usage packs need a database in UTF8", "The encoding of this database is %s.",
                    "Create the ledger in a database made with ENCODING 'UTF8'."};
        case Misuse::line_without:
            return {ERRCODE_NULL_VALUE_NOT_ALLOWED, "usage line lacks what every line has", "Its %s is NULL.",
                    "A line has account_id, service_id, sku_id, currency, charge_category and cost."};
        case Misuse::attributes_not_texts:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "attributes are not an object of texts", "They are %s.",
                    "Give an object whose values are strings, like {\"label.team\": \"web\"}, or NULL."};
        case Misuse::sign_neither:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "sign is neither 1 nor -1", "The sign is %s.", "Give 1 to add a pack, -1 to take it off."};
        case Misuse::not_an_aggregate:
            return {ERRCODE_FEATURE_NOT_SUPPORTED, "transition function called by hand", nullptr, "Call the aggregate itself."};
        case Misuse::mapping_or_format:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "mapping and format do not belong together", nullptr,
                    "The format mapping needs a mapping, which says what the columns mean; the other formats take none."};
        case Misuse::wrong_catalog:
            return {ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "the SQL of partner_bonus is of another version than its module", nullptr,
                    "Run ALTER EXTENSION partner_bonus UPDATE."};
    }
    return {ERRCODE_INTERNAL_ERROR, "unknown error", nullptr, nullptr};
}

const char *filled(const char *format, const char *value, std::int64_t number)
{
    StringInfoData text;
    initStringInfo(&text);
    for (; *format != '\0'; ++format) {
        if (format[0] != '%') {
            appendStringInfoChar(&text, *format);
            continue;
        }
        if (*++format == 's')
            appendStringInfoString(&text, value);
        else
            appendStringInfo(&text, INT64_FORMAT, number);
    }
    return text.data;
}

const char *detail_of(const Words &words, const Error &error)
{
    // A token may be empty; what has no token at all has no data.
    const bool has_input = error.subject.data() != nullptr;
    if (words.on_day && !has_input) return filled(words.on_day, day_text(error.at), error.at);
    if (!words.detail) return nullptr;
    if (error.code == Errc::text_malformed && error.subject.empty()) return "The text ends too early.";
    return filled(words.detail, has_input ? shortened(error.subject) : psprintf(INT64_FORMAT, error.at), error.at);
}

[[noreturn]] void raise(const Words &words, const Error &error)
{
    const char *detail = detail_of(words, error);
    ereport(ERROR, (errcode(words.sqlstate), errmsg("%s", words.message), detail ? errdetail("%s", detail) : 0,
                    words.hint ? errhint("%s", words.hint) : 0));
    pg_unreachable();
}

}  // namespace

void fail(const Error &error) { raise(words_for(error.code), error); }

void fail(Misuse misuse, const char *value) { raise(words_for(misuse), Error{Errc{}, value ? value : "NULL"}); }

Datum fail_input([[maybe_unused]] FunctionCallInfo fcinfo, const Error &error)
{
#if PG_VERSION_NUM >= 160000
    const Words words = words_for(error.code);
    const char *detail = detail_of(words, error);
    ereturn(fcinfo->context, Datum{0}, (errcode(words.sqlstate), errmsg("%s", words.message), detail ? errdetail("%s", detail) : 0,
                                       words.hint ? errhint("%s", words.hint) : 0));
#else
    fail(error);
#endif
}

void reject_moment(const char *setting)
{
    GUC_check_errcode(ERRCODE_INVALID_DATETIME_FORMAT);
    GUC_check_errdetail("\"%s\" is not a moment.", setting);
    GUC_check_errhint("%s", moment_hint);
}

const char *reason(Errc code) { return words_for(code).message; }

}  // namespace partner_bonus::pg
