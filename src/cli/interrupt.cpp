#include "interrupt.hpp"

#include <array>
#include <atomic>
#include <csignal>

#include "failure.hpp"

namespace pbonus {

namespace {

constexpr std::size_t most_connections = 256;

std::atomic<bool> was_interrupted{false};
static_assert(std::atomic<PGcancel *>::is_always_lock_free, "a signal handler reads them");
std::array<std::atomic<PGcancel *>, most_connections> running{};

// PQcancel is made for signal handlers. A pointer is taken out while it is in use, so that its owner waits with freeing it.
void handle(int) noexcept
{
    was_interrupted = true;
    std::array<char, 256> error;
    for (auto &place : running) {
        PGcancel *cancel = place.exchange(nullptr);
        if (cancel == nullptr) continue;
        (void)PQcancel(cancel, error.data(), static_cast<int>(error.size()));
        place = cancel;
    }
}

}  // namespace

void catch_interrupts()
{
    struct sigaction action {};
    action.sa_handler = handle;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    for (const int told_by_errno : {SIGPIPE, SIGXFSZ}) std::signal(told_by_errno, SIG_IGN);
}

bool interrupted() noexcept { return was_interrupted; }

void stop_if_interrupted()
{
    if (was_interrupted) throw Failure(Exit::interrupted, {"interrupted", "", "", ""});
}

Cancellable::Cancellable(PGconn *connection) : cancel_(PQgetCancel(connection))
{
    for (auto &place : running) {
        PGcancel *free_place = nullptr;
        if (place.compare_exchange_strong(free_place, cancel_)) return;
    }
}

Cancellable::~Cancellable()
{
    // The handler may have it in its hands for a moment.
    for (bool found = false; !found && cancel_ != nullptr;) {
        for (auto &place : running) {
            PGcancel *mine = cancel_;
            if (place.compare_exchange_strong(mine, nullptr)) {
                found = true;
                break;
            }
        }
    }
    PQfreeCancel(cancel_);
}

}  // namespace pbonus
