#include "database.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "interrupt.hpp"

namespace pbonus {

namespace {

std::string without_line_end(const char *text)
{
    std::string result = text ? text : "";
    while (!result.empty() && result.back() == '\n') result.pop_back();
    return result;
}

std::string field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

// Of the classes of SQLSTATE, those that say that the file or the question is at fault, and not the machine.
bool is_refusal(std::string_view sqlstate)
{
    for (const std::string_view start : {"22", "23", "P0", "54", "55", "42704"}) {
        if (sqlstate.starts_with(start)) return true;
    }
    return false;
}

}  // namespace

std::int64_t Rows::integer(int row, const char *column) const
{
    const std::string_view digits = text(row, column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

BinaryArray::BinaryArray(Oid element)
{
    for (const std::uint32_t head : {0U, 0U, element, 0U, 1U}) integer(head);  // dimensions, has nulls, type, count, first index
}

void BinaryArray::set_head(std::size_t place, std::size_t value)
{
    for (std::size_t i = 0; i < 4; ++i) bytes_[4 * place + i] = static_cast<char>(value >> (24 - 8 * i));
}

void BinaryArray::integer(std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>(value >> shift));
}

void BinaryArray::add(std::string_view element)
{
    start_element(element.size());
    bytes_.insert(bytes_.end(), element.begin(), element.end());
}

void BinaryArray::add_null()
{
    start_element(UINT32_MAX);
    set_head(1, 1);
}

void BinaryArray::add(std::int32_t element)
{
    start_element(sizeof(element));
    integer(static_cast<std::uint32_t>(element));
}

void BinaryArray::add(std::int64_t element)
{
    start_element(sizeof(element));
    integer(static_cast<std::uint32_t>(static_cast<std::uint64_t>(element) >> 32));
    integer(static_cast<std::uint32_t>(element));
}

std::string_view BinaryArray::bytes() const
{
    constexpr std::size_t bytes_of_empty = 12;  // without a dimension
    return {bytes_.data(), count_ == 0 ? bytes_of_empty : bytes_.size()};
}

void BinaryArray::start_element(std::size_t size)
{
    if (count_ == 0) set_head(0, 1);
    set_head(3, ++count_);
    integer(static_cast<std::uint32_t>(size));
}

void Parameters::integer(std::int64_t value)
{
    kept_.push_back(std::make_unique<std::string>(std::to_string(value)));
    text(*kept_.back());
}

void Parameters::add(const char *value, int length, int format, Oid type)
{
    values_.push_back(value);
    lengths_.push_back(length);
    formats_.push_back(format);
    types_.push_back(type);
}

Connection::Connection(const std::string &ledger, SearchPath search_path)
{
    const std::array<const char *, 4> names{"dbname", "fallback_application_name", "client_encoding", nullptr};
    const std::array<const char *, 4> values{"", "pbonus", "UTF8", nullptr};
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (PQstatus(raw()) != CONNECTION_OK)
        throw Failure(Exit::database, {"no connection to the database", without_line_end(PQerrorMessage(raw())),
                                       "The PG* variables and the service file say where it is, as for psql: PGHOST, PGPORT, PGUSER, "
                                       "PGDATABASE, PGSERVICE.", ""});
    PQsetNoticeProcessor(raw(), [](void *, const char *) {}, nullptr);
    Parameters parameters;
    const std::string path = quoted_name(ledger) + ", bonus, public";
    parameters.text(path);
    parameters.text(ledger);
    parameters.boolean(search_path == SearchPath::ledger);
    const Rows found = query("SELECT CASE WHEN $3::boolean THEN set_config('search_path', $1, false) END, "
                             "to_regclass(quote_ident($2) || '.load_batch') IS NOT NULL AS is_ledger",
                             parameters);
    if (found.text(0, "is_ledger") != "t")
        throw Failure(Exit::database, {"no ledger \"" + ledger + "\" in this database", "The database is " + std::string(PQdb(raw())) + '.',
                                       "Name the ledger with --ledger, or make it: SELECT bonus.create_ledger('" + ledger + "').", "42704"});
}

void Connection::fail(const PGresult *result) const
{
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (PQstatus(raw()) != CONNECTION_OK)
        throw Failure(Exit::database, {"connection to the database is lost", without_line_end(PQerrorMessage(raw())),
                                       "What was being sent is there as a whole or not at all; run the command again.", sqlstate});
    stop_if_interrupted();
    const std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    throw Failure(is_refusal(sqlstate) ? Exit::refused : Exit::database,
                  {message.empty() ? without_line_end(PQerrorMessage(raw())) : message, field(result, PG_DIAG_MESSAGE_DETAIL),
                   field(result, PG_DIAG_MESSAGE_HINT), sqlstate});
}

Rows Connection::query(const char *sql, const Parameters &parameters)
{
    stop_if_interrupted();
    const Cancellable cancellable(raw());
    PGresult *result = PQexecParams(raw(), sql, parameters.count(), parameters.types(), parameters.values(), parameters.lengths(),
                                    parameters.formats(), 0);
    Rows rows(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(result);
    return rows;
}

void Connection::prepare(const char *name, const char *sql)
{
    stop_if_interrupted();
    PGresult *result = PQprepare(raw(), name, sql, 0, nullptr);
    const Rows none(result);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(result);
}

void Connection::start_pipeline()
{
    if (PQenterPipelineMode(raw()) != 1) fail(nullptr);
    synced_ = at_sync_ = false;
}

void Connection::send(const char *prepared, const Parameters &parameters)
{
    if (PQsendQueryPrepared(raw(), prepared, parameters.count(), parameters.values(), parameters.lengths(), parameters.formats(), 0) != 1)
        fail(nullptr);
    PQflush(raw());
}

void Connection::sync()
{
    if (PQpipelineSync(raw()) != 1) fail(nullptr);
    synced_ = true;
}

// Of each query there comes its result, then null. Behind a failed one the others say that they were not run.
Rows Connection::receive()
{
    const Cancellable cancellable(raw());
    PGresult *result = PQgetResult(raw());
    Rows rows(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(result);
    const Rows end(PQgetResult(raw()));
    return rows;
}

void Connection::receive_sync()
{
    const Cancellable cancellable(raw());
    PGresult *result = PQgetResult(raw());
    const Rows rows(result);
    if (!rows.is_pipeline_sync()) fail(result);
    at_sync_ = true;
}

void Connection::end_pipeline()
{
    if (PQpipelineStatus(raw()) == PQ_PIPELINE_OFF || PQstatus(raw()) != CONNECTION_OK) return;
    if (!synced_) sync();
    while (!at_sync_ && PQstatus(raw()) == CONNECTION_OK) {
        const Rows rest(PQgetResult(raw()));
        at_sync_ = rest.is_pipeline_sync();
    }
    if (PQexitPipelineMode(raw()) != 1) fail(nullptr);
}

void Connection::start_copy(const std::string &sql)
{
    stop_if_interrupted();
    PGresult *result = PQexec(raw(), sql.c_str());
    const Rows rows(result);
    if (PQresultStatus(result) != PGRES_COPY_OUT) fail(result);
}

bool Connection::next_copied(std::string &row)
{
    stop_if_interrupted();
    char *data = nullptr;
    const int size = PQgetCopyData(raw(), &data, 0);
    if (size >= 0) {
        row.assign(data, static_cast<std::size_t>(size));
        PQfreemem(data);
        return true;
    }
    PGresult *result = PQgetResult(raw());
    const Rows rows(result);
    if (size == -2 || PQresultStatus(result) != PGRES_COMMAND_OK) fail(result);
    return false;
}

void require_partner(Connection &connection, const std::string &partner)
{
    Parameters parameters;
    parameters.text(partner);
    if (connection.query("SELECT FROM partner WHERE partner_id = $1 LIMIT 1", parameters).count() == 0)
        throw Failure(Exit::refused, {"unknown partner \"" + partner + '"', "The ledger has none.", "pbonus status lists the partners.", "42704"});
}

std::string Connection::quoted(const std::string &literal) const
{
    const std::unique_ptr<char, void (*)(void *)> text(PQescapeLiteral(raw(), literal.data(), literal.size()), PQfreemem);
    return text.get();
}

std::string Connection::quoted_name(const std::string &name) const
{
    const std::unique_ptr<char, void (*)(void *)> text(PQescapeIdentifier(raw(), name.data(), name.size()), PQfreemem);
    return text.get();
}

}  // namespace pbonus
