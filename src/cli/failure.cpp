#include "failure.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "core/messages.hpp"
#include "text.hpp"

namespace pbonus {

namespace {

std::string filled(std::string_view format, const partner_bonus::Error &error)
{
    const std::string number = std::to_string(error.at);
    std::string text;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%')
            text += format[i];
        else if (format[++i] == 's')
            text += error.subject.data() ? shortened(error.subject) : number;
        else
            text += number;
    }
    return text;
}

}  // namespace

Words words_of(const partner_bonus::Error &error)
{
    const partner_bonus::Message message = partner_bonus::message_of(error.code);
    return {message.message, message.detail ? filled(message.detail, error) : "", message.hint ? message.hint : "", message.sqlstate};
}

Words words_of_system(std::string what) { return {std::move(what), std::string(std::strerror(errno)) + '.', "", ""}; }

void refuse_unknown(const std::string &what) { throw Failure(Exit::refused, {"unknown " + what, "The ledger has none.", "", "42704"}); }

std::string json_of(const Words &words)
{
    return "{\"message\": " + json_text(words.what) + ", \"detail\": " + json_text(words.detail) + ", \"hint\": " + json_text(words.hint) +
           ", \"sqlstate\": " + json_text(words.sqlstate) + '}';
}

void complain(const std::string &where, const Words &words)
{
    std::string text = "pbonus: ";
    if (!where.empty()) text += where + ": ";
    text += words.what + '\n';
    if (!words.detail.empty()) text += "  " + words.detail + '\n';
    if (!words.hint.empty()) text += "  " + words.hint + '\n';
    std::fputs(text.c_str(), stderr);
}

}  // namespace pbonus
