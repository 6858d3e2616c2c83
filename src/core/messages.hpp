// The words for errors, once for all who show them: the server raises them, the client prints them, and a rejected line
// carries the message as its reason.
#pragma once

#include "result.hpp"

namespace partner_bonus {

struct Message {
    const char *sqlstate;  // five characters
    const char *message;   // lower-case, without a period
    const char *detail;    // a sentence or null; %s stands for the error's subject, or for its number where it has none, %d for its number
    const char *hint;      // sentences or null
    const char *on_day = nullptr;  // the detail where a day is known instead of a subject
};

Message message_of(Errc code) noexcept;

}  // namespace partner_bonus
