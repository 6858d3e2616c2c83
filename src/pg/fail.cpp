#include "fail.hpp"

#include "datum.hpp"

namespace partner_bonus::pg {

namespace {

struct Words {
    int sqlstate;
    const char *message;
    const char *detail;  // %s is the offending piece of input, or the number it was
    const char *hint;
    const char *on_day = nullptr;  // the DETAIL where a day is known instead of a piece of input
};

constexpr const char *moment_hint = "Give a timestamp with its offset, like 2026-11-01 00:00:00+00, or infinity.";
constexpr int most_shown = 120;  // characters of the input that a DETAIL repeats

Words words_for(Errc code)
{
    switch (code) {
        case Errc::out_of_memory:
            return {ERRCODE_OUT_OF_MEMORY, "out of memory", nullptr, nullptr};
        case Errc::amount_malformed:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "invalid amount", "\"%s\" is not a decimal number.",
                    "Write amounts like 12.5, -3 or 1.5E-9."};
        case Errc::amount_not_finite:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "amount is not a finite number", "The value is %s.",
                    "NaN and infinities are no money; correct the value where it comes from."};
        case Errc::amount_too_many_decimals:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "amount has more than 18 decimals", "The value is %s.",
                    "Input is never rounded here; round it where it comes from."};
        case Errc::exact_too_many_decimals:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "exact amount has more than 30 decimals", "The value is %s.",
                    "A product of an amount and a rate has at most 30 decimals; was something divided?"};
        case Errc::amount_out_of_range:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "amount out of range", "The value is %s.",
                    "Amounts lie within +-170141183460469231731.687303715884105727.", "It is the sum on %s."};
        case Errc::exact_out_of_range:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "exact amount out of range", "The value is %s.", "Exact amounts lie within +-10^40."};
        case Errc::day_malformed:
            return {ERRCODE_INVALID_DATETIME_FORMAT, "invalid day", "\"%s\" is not a day of the calendar.", "Write days as YYYY-MM-DD."};
        case Errc::day_out_of_range:
            return {ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "day out of range", "The day is %s.",
                    "Days lie between 0001-01-01 and 9999-12-31; leave a bound out where there is none.", "The day is %s."};
        case Errc::day_repeated:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "day given twice in a consumption", nullptr,
                    "Give each day once; add two consumptions with + instead.", "The day is %s."};
        case Errc::rate_malformed:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "invalid rate", "\"%s\" is not a decimal number.", "Rates are fractions: write 0.2 for 20 %."};
        case Errc::rate_too_many_decimals:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "rate has more than 12 decimals", "The rate is %s.",
                    "Rates are fractions: 0.2 is 20 %. A compound rate needs rates of at most six decimals.", "It holds from %s on."};
        case Errc::rate_out_of_range:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "rate out of range", "The rate is %s.",
                    "Rates of a schedule lie within +-1000; 0.2 is 20 %.", "It holds from %s on."};
        case Errc::rate_not_a_fraction:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "rate is not between 0 and 1", "The rate is %s.", "Rates are fractions: 0.2 is 20 %."};
        case Errc::range_empty:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "segment of a rate_schedule has no days", nullptr,
                    "A segment [from,to) needs from before to.", "It starts on %s and ends no later."};
        case Errc::range_overlap:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "segments of a rate_schedule overlap", nullptr,
                    "Give each day one rate; add two schedules with + instead.", "They do on %s."};
        case Errc::volume_negative:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "tier begins below volume 0", "It begins at %s.",
                    "Begin the lowest tier at 0; volumes below that are in it too."};
        case Errc::volume_repeated:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "volume given twice in tiers", "The volume is %s.", "Give each volume one rate."};
        case Errc::volumes_not_ascending:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "steps of tiers do not ascend", "The volume %s is not above the one before it.",
                    "Write steps by ascending volume, each volume once."};
        case Errc::tiers_too_many:
            return {ERRCODE_PROGRAM_LIMIT_EXCEEDED, "too many steps in tiers", "There would be %s.",
                    "Tiers have at most 1024 steps, the one at volume 0 included."};
        case Errc::text_malformed:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "malformed value", "Reading stopped at \"%s\".",
                    "A consumption looks like {2026-10-05: 100/-20/-10}, a rate_schedule like {[2026-05-01,2026-06-15): 0.2}, tiers like "
                    "{0: 0.1, 50000: 0.12}."};
        case Errc::text_trailing:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "junk after the closing brace", "It is \"%s\".", "Remove it."};
        case Errc::binary_malformed:
            return {ERRCODE_INVALID_BINARY_REPRESENTATION, "malformed binary value", "The bytes are not what send gives for any value.",
                    "Transfer values with the type's own binary format, whole and unchanged."};
        case Errc::binary_version:
            return {ERRCODE_INVALID_BINARY_REPRESENTATION, "unknown version of the binary format", "The version byte is %s.",
                    "Was the value written by a newer version of partner_bonus? Update the extension here."};
        case Errc::base64_malformed:
            return {ERRCODE_INVALID_TEXT_REPRESENTATION, "malformed value", "It is \"%s\".",
                    "The text of a usage_pack or consumption_map is what its output function gives: its binary form in base64."};
        case Errc::pack_too_many_lines:
            return {ERRCODE_PROGRAM_LIMIT_EXCEEDED, "too many lines for one usage_pack", "There are %s.",
                    "A pack has at most 65,536 lines, and less where texts are long: GROUP BY parts of the day, too."};
        case Errc::value_too_large:
            return {ERRCODE_PROGRAM_LIMIT_EXCEEDED, "value too large", "It would take %s bytes.", "Keep fewer days in one value: one value a month or year."};
        case Errc::share_unit:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "scale out of range", "The scale is %s.", "Printed amounts have 0 to 18 decimals."};
        case Errc::share_target:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "target cannot be reached by rounding the shares", "The target is %s.",
                    "The target must be the sum of the exact shares, rounded to the scale in some way."};
        case Errc::share_target_scale:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "target has more decimals than the scale", "The target is %s.",
                    "Round the target with round_amount(target, scale) first."};
        case Errc::file_empty:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "file is empty", "There is not even a header.", "Was the export cut off? Fetch it again."};
        case Errc::file_header_missing_column:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "column missing in the header", "There is no column \"%s\".",
                    "Check that the format was named rightly and that the file starts with its header."};
        case Errc::file_header_unknown_column:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "unknown column in the header", "The format has no column \"%s\".",
                    "Check that the format was named rightly; further columns must be called label.something."};
        case Errc::file_header_repeated_column:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "column given twice in the header", "The column is \"%s\".", "Remove one of them."};
        case Errc::file_quote_unterminated:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "quoted field does not end", "It starts on line %s.",
                    "Close the quote, or double quotes that belong to the value."};
        case Errc::file_quote_misplaced:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "quote in the wrong place", "It is on line %s.",
                    "Quote the whole field, and double quotes that belong to the value."};
        case Errc::file_record_too_long:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "record is too long", "It starts on line %s.",
                    "A record has at most 1 MiB; is a quote missing?"};
        case Errc::file_format_unknown:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "unknown format", "The format is \"%s\".", "Formats are: partner-export, focus."};
        case Errc::line_field_count:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "record has more or fewer fields than the header", "It has %s.", nullptr};
        case Errc::line_field_empty:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "required field is empty", nullptr, nullptr};
        case Errc::line_account_ambiguous:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "two different billing accounts", "The second is \"%s\".", nullptr};
        case Errc::line_currency_malformed:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "currency is not a code of three capital letters", "It is \"%s\".", nullptr};
        case Errc::line_currency_unknown:
            return {ERRCODE_FOREIGN_KEY_VIOLATION, "currency is not in the table currency", "It is \"%s\".", "Insert it into the table currency, or correct the line."};
        case Errc::line_amount_too_large:
            return {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "amount is beyond +-10^18", nullptr, "Cost, credit and grant credit of a line lie within +-10^18."};
        case Errc::line_charge_category_unknown:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "unknown charge category", "It is \"%s\".",
                    "Categories are Usage, Purchase, Adjustment, Credit and Tax."};
        case Errc::line_time_malformed:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "invalid time", "It is \"%s\".", "Write times like 2026-10-05T13:00:00Z."};
        case Errc::line_time_not_utc:
            return {ERRCODE_BAD_COPY_FILE_FORMAT, "time is not in UTC", "It is \"%s\".", "Days are taken as they are written, so times must be in UTC."};
    }
    return {ERRCODE_INTERNAL_ERROR, "unknown error", nullptr, nullptr};
}

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
            return {ERRCODE_WINDOWING_ERROR, "allocate is a window function", nullptr, "Call it with OVER (PARTITION BY ... ORDER BY ...)."};
        case Misuse::target_varies:
            return {ERRCODE_INVALID_PARAMETER_VALUE, "target and scale vary within the partition", nullptr,
                    "PARTITION BY what the target belongs to: one printed amount, one partition."};
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
        case Misuse::wrong_catalog:
            return {ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "the SQL of partner_bonus is of another version than its module", nullptr,
                    "Run ALTER EXTENSION partner_bonus UPDATE."};
    }
    return {ERRCODE_INTERNAL_ERROR, "unknown error", nullptr, nullptr};
}

// Format strings of the tables above have at most one %s.
const char *filled(const char *format, const char *value)
{
    StringInfoData text;
    initStringInfo(&text);
    for (; *format != '\0'; ++format) {
        if (format[0] == '%' && format[1] == 's') {
            appendStringInfoString(&text, value);
            ++format;
        } else {
            appendStringInfoChar(&text, *format);
        }
    }
    return text.data;
}

const char *detail_of(const Words &words, const Error &error)
{
    // A token may be empty; what has no token at all has no data.
    const bool has_input = error.subject.data() != nullptr;
    if (words.on_day && !has_input) return filled(words.on_day, day_text(error.at));
    if (!words.detail) return nullptr;
    if (error.code == Errc::text_malformed && error.subject.empty()) return "The text ends too early.";
    return filled(words.detail, has_input ? shortened(error.subject) : psprintf(INT64_FORMAT, error.at));
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
