#include "messages.hpp"

namespace partner_bonus {

namespace {

namespace sqlstate {
constexpr const char *out_of_memory = "53200";
constexpr const char *invalid_text = "22P02";
constexpr const char *number_out_of_range = "22003";
constexpr const char *invalid_day = "22007";
constexpr const char *day_out_of_range = "22008";
constexpr const char *invalid_parameter = "22023";
constexpr const char *limit_exceeded = "54000";
constexpr const char *invalid_binary = "22P03";
constexpr const char *bad_file = "22P04";
constexpr const char *internal_error = "XX000";
}  // namespace sqlstate

}  // namespace

Message message_of(Errc code) noexcept
{
    switch (code) {
        case Errc::out_of_memory:
            return {sqlstate::out_of_memory, "out of memory", nullptr, nullptr};
        case Errc::amount_malformed:
            return {sqlstate::invalid_text, "invalid amount", "\"%s\" is not a decimal number.",
                    "Write amounts like 12.5, -3 or 1.5E-9."};
        case Errc::amount_not_finite:
            return {sqlstate::number_out_of_range, "amount is not a finite number", "The value is %s.",
                    "NaN and infinities are no money; correct the value where it comes from."};
        case Errc::amount_too_many_decimals:
            return {sqlstate::number_out_of_range, "amount has more than 18 decimals", "The value is %s.",
                    "Input is never rounded here; round it where it comes from."};
        case Errc::exact_too_many_decimals:
            return {sqlstate::number_out_of_range, "exact amount has more than 30 decimals", "The value is %s.",
                    "A product of an amount and a rate has at most 30 decimals; was something divided?"};
        case Errc::amount_out_of_range:
            return {sqlstate::number_out_of_range, "amount out of range", "The value is %s.",
                    "Amounts lie within +-170141183460469231731.687303715884105727.", "It is the sum on %s."};
        case Errc::exact_out_of_range:
            return {sqlstate::number_out_of_range, "exact amount out of range", "The value is %s.", "Exact amounts lie within +-10^40."};
        case Errc::day_malformed:
            return {sqlstate::invalid_day, "invalid day", "\"%s\" is not a day of the calendar.", "Write days as YYYY-MM-DD."};
        case Errc::day_out_of_range:
            return {sqlstate::day_out_of_range, "day out of range", "The day is %s.",
                    "Days lie between 0001-01-01 and 9999-12-31; leave a bound out where there is none.", "The day is %s."};
        case Errc::day_repeated:
            return {sqlstate::invalid_text, "day given twice in a consumption", nullptr,
                    "Give each day once; add two consumptions with + instead.", "The day is %s."};
        case Errc::rate_malformed:
            return {sqlstate::invalid_text, "invalid rate", "\"%s\" is not a decimal number.", "Rates are fractions: write 0.2 for 20 %."};
        case Errc::rate_too_many_decimals:
            return {sqlstate::number_out_of_range, "rate has more than 12 decimals", "The rate is %s.",
                    "Rates are fractions: 0.2 is 20 %. A compound rate needs rates of at most six decimals.", "It holds from %s on."};
        case Errc::rate_out_of_range:
            return {sqlstate::number_out_of_range, "rate out of range", "The rate is %s.",
                    "Rates of a schedule lie within +-1000; 0.2 is 20 %.", "It holds from %s on."};
        case Errc::rate_not_a_fraction:
            return {sqlstate::invalid_parameter, "rate is not between 0 and 1", "The rate is %s.", "Rates are fractions: 0.2 is 20 %."};
        case Errc::range_empty:
            return {sqlstate::invalid_text, "segment of a rate_schedule has no days", nullptr,
                    "A segment [from,to) needs from before to.", "It starts on %s and ends no later."};
        case Errc::range_overlap:
            return {sqlstate::invalid_text, "segments of a rate_schedule overlap", nullptr,
                    "Give each day one rate; add two schedules with + instead.", "They do on %s."};
        case Errc::volume_negative:
            return {sqlstate::invalid_parameter, "tier begins below volume 0", "It begins at %s.",
                    "Begin the lowest tier at 0; volumes below that are in it too."};
        case Errc::volume_repeated:
            return {sqlstate::invalid_parameter, "volume given twice in tiers", "The volume is %s.", "Give each volume one rate."};
        case Errc::volumes_not_ascending:
            return {sqlstate::invalid_text, "steps of tiers do not ascend", "The volume %s is not above the one before it.",
                    "Write steps by ascending volume, each volume once."};
        case Errc::tiers_too_many:
            return {sqlstate::limit_exceeded, "too many steps in tiers", "There would be %s.",
                    "Tiers have at most 1024 steps, the one at volume 0 included."};
        case Errc::text_malformed:
            return {sqlstate::invalid_text, "malformed value", "Reading stopped at \"%s\".",
                    "A consumption looks like {2026-10-05: 100/-20/-10}, a rate_schedule like {[2026-05-01,2026-06-15): 0.2}, tiers like "
                    "{0: 0.1, 50000: 0.12}."};
        case Errc::text_trailing:
            return {sqlstate::invalid_text, "junk after the closing brace", "It is \"%s\".", "Remove it."};
        case Errc::binary_malformed:
            return {sqlstate::invalid_binary, "malformed binary value", "The bytes are not what send gives for any value.",
                    "Transfer values with the type's own binary format, whole and unchanged."};
        case Errc::binary_version:
            return {sqlstate::invalid_binary, "unknown version of the binary format", "The version byte is %s.",
                    "Was the value written by a newer version of partner_bonus? Update the extension here."};
        case Errc::base64_malformed:
            return {sqlstate::invalid_text, "malformed value", "It is \"%s\".",
                    "The text of a usage_pack or consumption_map is what its output function gives: its binary form in base64."};
        case Errc::pack_too_many_lines:
            return {sqlstate::limit_exceeded, "too many lines for one usage_pack", "There are %s.",
                    "A pack has at most 65,536 lines, and less where texts are long: GROUP BY parts of the day, too."};
        case Errc::value_too_large:
            return {sqlstate::limit_exceeded, "value too large", "It would take %s bytes.", "Keep fewer days in one value: one value a month or year."};
        case Errc::share_unit:
            return {sqlstate::invalid_parameter, "scale out of range", "The scale is %s.", "Printed amounts have 0 to 18 decimals."};
        case Errc::share_target:
            return {sqlstate::invalid_parameter, "target cannot be reached by rounding the shares", "The target is %s.",
                    "The target must be the sum of the exact shares, rounded to the scale in some way."};
        case Errc::share_target_scale:
            return {sqlstate::invalid_parameter, "target has more decimals than the scale", "The target is %s.",
                    "Round the target with round_amount(target, scale) first."};
        case Errc::leaf_out_of_range:
            return {sqlstate::number_out_of_range, "amount out of range for a document", "The value is %s.", "Amounts of a line lie within +-10^22."};
        case Errc::file_empty:
            return {sqlstate::bad_file, "file is empty", "There is not even a header.", "Was the export cut off? Fetch it again."};
        case Errc::file_header_missing_column:
            return {sqlstate::bad_file, "column missing in the header", "There is no column \"%s\".",
                    "Check that the format was named rightly and that the file starts with its header."};
        case Errc::file_header_unknown_column:
            return {sqlstate::bad_file, "unknown column in the header", "The format has no column \"%s\".",
                    "Check that the format was named rightly; further columns must be called label.something, or be kept by option."};
        case Errc::file_header_repeated_column:
            return {sqlstate::bad_file, "column given twice in the header", "The column is \"%s\".", "Remove one of them."};
        case Errc::file_quote_unterminated:
            return {sqlstate::bad_file, "quoted field does not end", "It starts on line %s.",
                    "Close the quote, or double quotes that belong to the value."};
        case Errc::file_quote_misplaced:
            return {sqlstate::bad_file, "quote in the wrong place", "It is on line %s.",
                    "Quote the whole field, and double quotes that belong to the value."};
        case Errc::file_record_too_long:
            return {sqlstate::bad_file, "record is too long", "It starts on line %s.",
                    "A record has at most 1 MiB; is a quote missing?"};
        case Errc::file_not_text:
            return {sqlstate::bad_file, "file is not UTF-8 text", "A NUL byte or an invalid one is in the record that starts on line %s.",
                    "Is it a CSV file, and saved as UTF-8? Convert it with iconv, or unpack it first."};
        case Errc::file_format_unknown:
            return {sqlstate::invalid_parameter, "unknown format", "The format is \"%s\".", "Formats are: partner-export, focus, cur, mapping."};
        case Errc::file_format_undetected:
            return {sqlstate::bad_file, "format of the file is not known", "Its header has the columns of no format that is known.",
                    "Name the format; a file of any other kind needs a mapping that says which column is what."};
        case Errc::mapping_needed:
            return {sqlstate::invalid_parameter, "format mapping without a mapping", nullptr,
                    "Give a mapping that says which column of the file is which field."};
        case Errc::mapping_not_text:
            return {sqlstate::bad_file, "mapping is not UTF-8 text", nullptr, "Is it the mapping, and not the file of usage? Save it as UTF-8."};
        case Errc::mapping_too_large:
            return {sqlstate::limit_exceeded, "mapping is too large", "It has %s bytes.", "Is it the mapping? One has at most 1 MiB."};
        case Errc::mapping_entry_malformed:
            return {sqlstate::bad_file, "line of the mapping is not understood", "Line %d is \"%s\".",
                    "Write field = column of the file, field = \"constant\", or # and a comment."};
        case Errc::mapping_name_unknown:
            return {sqlstate::bad_file, "unknown name in the mapping", "Line %d has \"%s\" before the equals sign.",
                    "Names are the fields of a usage line (usage_day, account_id, service_id, sku_id, currency, cost and so on), "
                    "day_form, null, attribute and ignore."};
        case Errc::mapping_name_repeated:
            return {sqlstate::bad_file, "name given twice in the mapping", "The second \"%s\" is on line %d.",
                    "Give each field one column; only attribute and ignore may be repeated."};
        case Errc::mapping_field_missing:
            return {sqlstate::bad_file, "field missing in the mapping", "The mapping does not say what \"%s\" is.",
                    "A mapping has usage_day, account_id, service_id, currency and cost at least."};
        case Errc::mapping_constant_unusable:
            return {sqlstate::bad_file, "constant in the mapping cannot be the field's value", "The constant on line %d is %s.",
                    "Days and amounts come from columns; a currency has three capital letters; charge categories are Usage, Purchase, "
                    "Adjustment, Credit and Tax."};
        case Errc::mapping_day_form:
            return {sqlstate::bad_file, "unusable day_form in the mapping", "It is \"%s\" on line %d.",
                    "Write YYYY, MM and DD once each, with what stands between them: DD.MM.YYYY."};
        case Errc::line_field_count:
            return {sqlstate::bad_file, "record has more or fewer fields than the header", "It has %s.", nullptr};
        case Errc::line_field_empty:
            return {sqlstate::bad_file, "required field is empty", nullptr, nullptr};
        case Errc::line_account_ambiguous:
            return {sqlstate::bad_file, "two different billing accounts", "The second is \"%s\".", nullptr};
        case Errc::line_currency_malformed:
            return {sqlstate::bad_file, "currency is not a code of three capital letters", "It is \"%s\".", nullptr};
        case Errc::line_currency_unknown:
            return {sqlstate::bad_file, "currency is not in the table currency", "It is \"%s\".",
                    "Insert it there, with its minor units, and load the file again."};
        case Errc::line_amount_too_large:
            return {sqlstate::number_out_of_range, "amount is beyond +-10^18", nullptr,
                    "Cost, credit and grant credit of a line lie within +-10^18."};
        case Errc::line_charge_category_unknown:
            return {sqlstate::bad_file, "unknown charge category", "It is \"%s\".",
                    "Categories are Usage, Purchase, Adjustment, Credit and Tax."};
        case Errc::line_time_malformed:
            return {sqlstate::bad_file, "invalid time", "It is \"%s\".", "Write times like 2026-10-05T13:00:00Z."};
        case Errc::line_time_not_utc:
            return {sqlstate::bad_file, "time is not in UTC", "It is \"%s\".", "Days are taken as they are written, so times must be in UTC."};
    }
    return {sqlstate::internal_error, "unknown error", nullptr, nullptr};
}

}  // namespace partner_bonus
