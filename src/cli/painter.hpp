// The last line of a terminal, drawn again and again while something goes on; nothing where there is no terminal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace pbonus {

class Painter {
   public:
    // `bar` gives the line, under the same lock as what is changed by change().
    Painter(bool quiet, std::function<std::string()> bar);
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
    void erase();

    const bool quiet_, terminal_;
    const Clock::time_point start_ = Clock::now();
    const std::function<std::string()> bar_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool drawn_ = false;
    bool done_ = false;
    std::thread thread_;
};

// "[######..................] 25 %  "
std::string bar_text(double part);
// "  0:12 left", when so much was done in so many seconds; nothing as long as nothing is done.
std::string left_text(double part, double seconds);

}  // namespace pbonus
