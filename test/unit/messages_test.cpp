#include "core/messages.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "arena.hpp"

namespace partner_bonus::test {
namespace {

const std::string unknown = "unknown error";

std::string text(const char *words) { return words ? words : ""; }

bool is_sentence(const std::string &words) { return words.empty() || std::string(".?").find(words.back()) != std::string::npos; }

TEST(Messages, are_there_for_every_error)
{
    std::set<std::string> messages;
    int code = 0;
    for (; message_of(static_cast<Errc>(code)).message != unknown; ++code) {
        const Message words = message_of(static_cast<Errc>(code));
        EXPECT_EQ(text(words.sqlstate).size(), 5U) << words.message;
        EXPECT_NE(words.message[0], '\0');
        EXPECT_FALSE(is_sentence(words.message)) << words.message;
        EXPECT_TRUE(is_sentence(text(words.detail))) << words.detail;
        EXPECT_TRUE(is_sentence(text(words.on_day))) << words.on_day;
        EXPECT_TRUE(is_sentence(text(words.hint))) << words.hint;
        messages.insert(words.message);
    }
    EXPECT_EQ(code, static_cast<int>(Errc::line_time_not_utc) + 1);
    EXPECT_GT(messages.size(), static_cast<std::size_t>(code) - 5) << "few errors share a message";
    EXPECT_EQ(text(message_of(static_cast<Errc>(255)).sqlstate), "XX000");
}

// A format that is filled with what is not there shows nothing.
TEST(Messages, have_places_that_can_be_filled)
{
    for (int code = 0; code <= static_cast<int>(Errc::line_time_not_utc); ++code) {
        for (const auto &words : {text(message_of(static_cast<Errc>(code)).detail), text(message_of(static_cast<Errc>(code)).on_day)}) {
            for (std::size_t place = words.find('%'); place != std::string::npos; place = words.find('%', place + 1))
                EXPECT_NE(std::string("sd").find(words.at(place + 1)), std::string::npos) << words;
        }
    }
}

}  // namespace
}  // namespace partner_bonus::test
