// The last line of a terminal, drawn again and again while something goes on; nothing where there is no terminal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace pbonus {

// How much is done, where that is known, and what else is to be said of it, most important first.
struct PaintedState {
    std::optional<double> part;
    std::vector<std::string> facts;
};

class Painter {
   public:
    // `state` is asked under the same lock as what is changed by change().
    Painter(bool quiet, std::function<PaintedState()> state);
    Painter(const Painter &) = delete;
    Painter &operator=(const Painter &) = delete;
    ~Painter();

    template <class Change>
    void change(Change change)
    {
        const std::lock_guard lock(mutex_);
        change();
    }
    // A line that stays. Beside a bar only what is important is said.
    void say(const std::string &line, bool important);

    double seconds() const;

   private:
    using Clock = std::chrono::steady_clock;

    void draw_until_done();
    std::string line(std::size_t room) const;
    void erase();

    const bool quiet_, terminal_;
    const Clock::time_point start_ = Clock::now();
    const std::function<PaintedState()> state_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool drawn_ = false;
    bool done_ = false;
    std::thread thread_;
};

}  // namespace pbonus
