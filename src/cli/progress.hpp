// How far a load or a close is: a bar on a terminal, a line for each file or partner elsewhere.
#pragma once

#include <cstdint>
#include <string>

#include "painter.hpp"

namespace pbonus {

class Progress {
   public:
    // Bytes of 0 are not known.
    Progress(std::size_t files, std::uint64_t bytes, bool quiet)
        : files_(files), bytes_(bytes), painter_(quiet, [this] { return state(); })
    {
    }

    void advance(std::size_t bytes, std::int64_t lines);
    // With what is to be said of the file, which a bar scrolls by only if it is important.
    void file_done(const std::string &line, bool important);

   private:
    PaintedState state() const;

    const std::size_t files_;
    const std::uint64_t bytes_;
    std::uint64_t bytes_done_ = 0;
    std::int64_t lines_done_ = 0;
    std::size_t files_done_ = 0;
    Painter painter_;  // last: it asks for the state at once
};

class CloseProgress {
   public:
    CloseProgress(std::int64_t partners, bool quiet) : partners_(partners), painter_(quiet, [this] { return state(); }) {}

    // How many wait still, of all sessions that close the month.
    void partner_done(const std::string &line, bool parked, std::int64_t waiting);

   private:
    PaintedState state() const;

    const std::int64_t partners_;
    std::int64_t done_ = 0;
    std::int64_t parked_ = 0;
    Painter painter_;
};

}  // namespace pbonus
