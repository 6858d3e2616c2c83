// Errors as users see them: SQLSTATE, message, DETAIL, HINT. The texts are all in fail.cpp.
//
// Reporting an error jumps out of the calling frames. So no local variable with a destructor may be alive where a server
// function or one of these is called; the core has no such types.
#pragma once

#include "../core/result.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

[[noreturn]] void fail(const Error &error);

// For input functions: hands the error to a caller that asked for soft errors (server 16 and later) and returns, else fails.
Datum fail_input(FunctionCallInfo fcinfo, const Error &error);

// The reason of a rejected line, in the words of fail.
const char *reason(Errc code);

// Mistakes that only this side of the wall can see.
enum class Misuse {
    null_day,
    null_sign,
    null_range,
    null_rate,
    null_argument,
    null_element,
    array_of_arrays,
    lengths_differ,
    no_window,
    target_varies,
    null_in_block,
    block_varies,
    account_scattered,
    keys_repeat,
    rule_rate_too_fine,
    validity_empty,
    unknown_rounding_mode,
    unknown_moment,
    encoding_not_utf8,
    line_without,
    attributes_not_texts,
    sign_neither,
    not_an_aggregate,
    mapping_or_format,
    wrong_catalog,
};
[[noreturn]] void fail(Misuse misuse, const char *value = nullptr);

// For the check hook of bonus.known_at, which says why it refuses but does not fail itself.
void reject_moment(const char *setting);

// The value of a result; fails with its error.
template <class T>
T value_or_fail(const Result<T> &result)
{
    if (!result) fail(result.error());
    return *result;
}

}  // namespace partner_bonus::pg
