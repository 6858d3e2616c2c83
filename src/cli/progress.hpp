// How far a load is: a bar on a terminal, a line for each file elsewhere.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace pbonus {

class Progress {
   public:
    // Bytes of 0 are not known.
    Progress(std::size_t files, std::uint64_t bytes, bool quiet);
    Progress(const Progress &) = delete;
    Progress &operator=(const Progress &) = delete;
    ~Progress();

    void advance(std::size_t bytes, std::int64_t lines);
    // With what is to be said of the file, which a bar scrolls by only if it is important.
    void file_done(const std::string &line, bool important);

   private:
    using Clock = std::chrono::steady_clock;

    void draw_until_done();
    std::string bar(std::size_t room) const;
    void erase();

    const std::size_t files_;
    const std::uint64_t bytes_;
    const bool quiet_, terminal_;
    const Clock::time_point start_ = Clock::now();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t bytes_done_ = 0;
    std::int64_t lines_done_ = 0;
    std::size_t files_done_ = 0;
    bool drawn_ = false;
    bool done_ = false;
    std::thread painter_;
};

}  // namespace pbonus
