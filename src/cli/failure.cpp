#include "failure.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "core/messages.hpp"

namespace pbonus {

namespace {

constexpr std::size_t most_shown = 120;  // bytes of the input that a detail repeats

std::string shortened(std::string_view text)
{
    if (text.size() <= most_shown) return std::string(text);
    std::size_t end = most_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not within a character
    return std::string(text.substr(0, end)) + "...";
}

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
