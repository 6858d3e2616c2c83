#include "painter.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace pbonus {

namespace {

constexpr auto redraw_every = std::chrono::milliseconds(100);
constexpr std::size_t narrowest_bar = 6, widest_bar = 24;

std::string duration_text(double seconds)
{
    const auto whole = static_cast<long>(seconds + 0.5);
    std::array<char, 32> text;
    if (whole >= 3600)
        std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
    return text.data();
}

std::size_t terminal_width()
{
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Painter::Painter(bool quiet, std::function<PaintedState()> state)
    : quiet_(quiet), terminal_(!quiet && isatty(STDERR_FILENO) != 0), state_(std::move(state))
{
    if (terminal_) thread_ = std::thread([this] { draw_until_done(); });
}

Painter::~Painter()
{
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Painter::say(const std::string &line, bool important)
{
    const std::lock_guard lock(mutex_);
    if (quiet_ || (terminal_ && !important)) return;
    erase();
    std::fprintf(stderr, "%s\n", line.c_str());
}

double Painter::seconds() const { return std::max(std::chrono::duration<double>(Clock::now() - start_).count(), 0.001); }

void Painter::draw_until_done()
{
    std::unique_lock lock(mutex_);
    while (!done_) {
        std::fprintf(stderr, "\r%s\033[K", line(terminal_width() - 1).c_str());
        std::fflush(stderr);
        drawn_ = true;
        changed_.wait_for(lock, redraw_every);
    }
    erase();
}

void Painter::erase()
{
    if (drawn_) std::fprintf(stderr, "\r\033[K");
    drawn_ = false;
}

// The first facts that there is room for, and before them a bar in what is left.
std::string Painter::line(std::size_t room) const
{
    const PaintedState state = state_();
    const double part = state.part.value_or(0);
    std::vector<std::string> facts;
    if (state.part) facts.push_back(std::to_string(static_cast<int>(part * 100)) + " %");
    if (part > 0) facts.push_back(duration_text(seconds() * (1 - part) / part) + " left");
    facts.insert(facts.end(), state.facts.begin(), state.facts.end());

    std::string text;
    for (const std::string &fact : facts) {
        const std::string more = (text.empty() ? "" : "  ") + fact;
        if (text.size() + more.size() > room) break;
        text += more;
    }
    constexpr std::size_t around_bar = 3;
    if (!state.part || room < text.size() + around_bar + narrowest_bar) return text;
    const std::size_t width = std::min(room - text.size() - around_bar, widest_bar);
    const auto full = static_cast<std::size_t>(part * static_cast<double>(width));
    return '[' + std::string(full, '#') + std::string(width - full, '.') + "] " + text;
}

}  // namespace pbonus
