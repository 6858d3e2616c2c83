// Ctrl-C: what runs in the server is cancelled, what runs here stops at the next chunk.
#pragma once

#include <libpq-fe.h>

namespace pbonus {

// Catches SIGINT and SIGTERM from now on.
void catch_interrupts();
bool interrupted() noexcept;
// Throws a Failure with Exit::interrupted.
void stop_if_interrupted();

// A connection whose running query is cancelled by an interrupt, for as long as this lives.
class Cancellable {
   public:
    explicit Cancellable(PGconn *connection);
    Cancellable(const Cancellable &) = delete;
    Cancellable &operator=(const Cancellable &) = delete;
    ~Cancellable();

   private:
    PGcancel *cancel_;
};

}  // namespace pbonus
