// libpq as values: a connection, the parameters of a query, and the rows it gives.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "failure.hpp"

namespace pbonus {

class Rows {
   public:
    explicit Rows(PGresult *result) : result_(result) {}

    int count() const { return PQntuples(result_.get()); }
    int columns() const { return PQnfields(result_.get()); }
    std::string_view name(int column) const { return PQfname(result_.get(), column); }
    Oid type(int column) const { return PQftype(result_.get(), column); }
    bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
    std::string_view text(int row, int column) const
    {
        return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
    }
    std::string_view text(int row, const char *column) const { return text(row, place(column)); }
    std::int64_t integer(int row, const char *column) const;

   private:
    friend class Connection;
    bool is_pipeline_sync() const { return PQresultStatus(result_.get()) == PGRES_PIPELINE_SYNC; }
    int place(const char *column) const { return PQfnumber(result_.get(), column); }

    struct Clear {
        void operator()(PGresult *result) const { PQclear(result); }
    };
    std::unique_ptr<PGresult, Clear> result_;
};

// An array in the binary format, built element by element.
class BinaryArray {
   public:
    explicit BinaryArray(Oid element);
    void add(std::string_view element);
    void add_null();
    void add(std::int32_t element);
    void add(std::int64_t element);
    std::string_view bytes() const;
    std::size_t size() const { return bytes_.size(); }
    std::size_t count() const { return count_; }

   private:
    void integer(std::uint32_t value);

    void start_element(std::size_t size);
    void set_head(std::size_t place, std::size_t value);

    std::vector<char> bytes_;
    std::size_t count_ = 0;
};

// Refer to what was given, which has to stay.
class Parameters {
   public:
    void text(const std::string &value) { add(value.c_str(), static_cast<int>(value.size()), 0, 0); }
    void text(const std::optional<std::string> &value) { value ? text(*value) : add(nullptr, 0, 0, 0); }
    void integer(std::int64_t value);
    void boolean(bool value) { add(value ? "t" : "f", 1, 0, 0); }
    void binary(std::string_view value, Oid type = 0) { add(value.data(), static_cast<int>(value.size()), 1, type); }

    int count() const { return static_cast<int>(values_.size()); }
    const char *const *values() const { return values_.data(); }
    const int *lengths() const { return lengths_.data(); }
    const int *formats() const { return formats_.data(); }
    const Oid *types() const { return types_.data(); }

   private:
    void add(const char *value, int length, int format, Oid type);

    std::vector<const char *> values_;
    std::vector<int> lengths_, formats_;
    std::vector<Oid> types_;
    std::vector<std::unique_ptr<std::string>> kept_;
};

// A session's search path with the ledger's schema first; or as it is, for those who name the schema and leave nothing behind in
// a session that is another client's the next moment.
enum class SearchPath : std::uint8_t { ledger, as_it_is };

class Connection {
   public:
    // By the PG* variables and the service file, as psql connects.
    explicit Connection(const std::string &ledger, SearchPath search_path = SearchPath::ledger);

    // Waits for the rows. Throws a Failure with the server's words.
    Rows query(const char *sql, const Parameters &parameters = {});

    // A statement that is sent often is read once. Its parameters have the types that it asks for.
    void prepare(const char *name, const char *sql);

    // What is sent between start_pipeline and sync is one transaction, and is sent without waiting. Results come in the same
    // order, and behind them receive_sync says whether it was committed. end_pipeline is to be called at the end whatever happened; what was not received is thrown away.
    void start_pipeline();
    void send(const char *prepared, const Parameters &parameters);
    void sync();
    Rows receive();
    void receive_sync();
    void end_pipeline();

    // Rows of a COPY ... TO STDOUT; false at the end.
    void start_copy(const std::string &sql);
    bool next_copied(std::string &row);

    std::string quoted(const std::string &literal) const;
    std::string quoted_name(const std::string &name) const;
    PGconn *raw() const { return connection_.get(); }

   private:
    [[noreturn]] void fail(const PGresult *result) const;

    struct Finish {
        void operator()(PGconn *connection) const { PQfinish(connection); }
    };
    std::unique_ptr<PGconn, Finish> connection_;
    bool synced_ = false, at_sync_ = false;
};

// Throws a Failure when the ledger never had this partner.
void require_partner(Connection &connection, const std::string &partner);

}  // namespace pbonus
