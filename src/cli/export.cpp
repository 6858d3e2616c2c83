// pbonus export: usage lines back to CSV, in the partner export's format. Attributes are columns under their own names.
#include <array>
#include <cstdio>
#include <optional>

#include "commands.hpp"
#include "database.hpp"
#include "new_file.hpp"
#include "period.hpp"
#include "text.hpp"

namespace pbonus {

namespace {

// A file, or standard output.
class Output {
   public:
    explicit Output(const std::string &path)
    {
        if (path != "-") file_.emplace(path);
    }
    void write(const std::string &text)
    {
        if (file_)
            file_->write(text);
        else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
            fail();
    }
    void finish()
    {
        if (file_)
            file_->finish();
        else if (std::fflush(stdout) != 0)
            fail();
    }

   private:
    [[noreturn]] static void fail() { throw Failure(Exit::database, words_of_system("export cannot be written")); }

    std::optional<NewFile> file_;
};

struct Column {
    const char *name;
    const char *expression;  // in the view usage
};
// Of the partner export; attributes stand before the last three.
constexpr auto columns = std::to_array<Column>({{"billing_account_id", "account_id"},
                                                {"billing_account_name", "account_name"},
                                                {"cloud_id", "cloud_id"},
                                                {"cloud_name", "cloud_name"},
                                                {"folder_id", "folder_id"},
                                                {"folder_name", "folder_name"},
                                                {"resource_id", "resource_id"},
                                                {"service_id", "service_id"},
                                                {"service_name", "service_name"},
                                                {"sku_id", "sku_id"},
                                                {"sku_name", "sku_name"},
                                                {"date", "usage_day"},
                                                {"currency", "currency"},
                                                {"pricing_quantity", "trim_scale(pricing_quantity)"},
                                                {"pricing_unit", "pricing_unit"},
                                                {"cost", "trim_scale(cost)"},
                                                {"credit", "trim_scale(credit)"},
                                                {"monetary_grant_credit", "trim_scale(grant_credit)"},
                                                {"volume_incentive_credit", "trim_scale(volume_incentive_credit)"},
                                                {"cud_credit", "trim_scale(cud_credit)"},
                                                {"misc_credit", "trim_scale(misc_credit)"},
                                                {"reward", "trim_scale(reward)"}});
constexpr auto last_columns = std::to_array<Column>({{"locale", "locale"}, {"updated_at", "updated_at"}, {"exported_at", "exported_at"}});
// The provider's exports have usage alone, and no such column; it is there when it is needed.
constexpr Column category_column{"charge_category", "charge_category"};

// The header and the select list, together.
class ColumnList {
   public:
    void add(const std::string &name, const std::string &expression)
    {
        header += (header.empty() ? "" : ",") + csv_text(name);
        select += (select.empty() ? "" : ", ") + expression;
    }
    void add(const Column &column) { add(column.name, column.expression); }

    std::string header;
    std::string select;

   private:
    static std::string csv_text(const std::string &text)
    {
        if (text.find_first_of("\",\r\n") == std::string::npos) return text;
        std::string quoted = "\"";
        for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        return quoted + '"';
    }
};

}  // namespace

Exit export_usage(const ExportOptions &options)
{
    Connection connection(options.ledger);
    const Period period = parse_period(options.period);
    std::string chosen = " FROM usage WHERE partner_id = " + connection.quoted(options.partner) + " AND usage_day >= " +
                         connection.quoted(day_text(period.from)) + " AND usage_day < " + connection.quoted(day_text(period.until));
    if (options.source) chosen += " AND source = " + connection.quoted(*options.source);

    // One look at the data for the header, one for the lines: both must see the same.
    (void)connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    require_partner(connection, options.partner);
    const Rows names = connection.query(("SELECT DISTINCT name FROM (SELECT jsonb_object_keys(attributes) AS name" + chosen + ") a ORDER BY name").c_str());
    const Rows categories = connection.query(("SELECT count(*) AS others" + chosen + " AND charge_category <> 'Usage'").c_str());
    ColumnList list;
    for (const Column &column : columns) list.add(column);
    for (int i = 0; i < names.count(); ++i) {
        const std::string name(names.text(i, 0));
        list.add(name, "attributes ->> " + connection.quoted(name));
    }
    for (const Column &column : last_columns) list.add(column);
    if (categories.integer(0, "others") > 0) list.add(category_column);

    Output output(options.output);
    output.write(list.header + '\n');
    std::int64_t lines = 0;
    connection.start_copy("COPY (SELECT " + list.select + chosen + " ORDER BY usage_day, source, line_number) TO STDOUT WITH (FORMAT csv)");
    for (std::string row; connection.next_copied(row); ++lines) output.write(row);
    output.finish();
    (void)connection.query("COMMIT");
    if (options.json)
        std::fprintf(options.output == "-" ? stderr : stdout, "{\"lines\": %lld}\n", static_cast<long long>(lines));
    else
        std::fprintf(stderr, "%s\n", counted(lines, "line").c_str());
    return Exit::done;
}

}  // namespace pbonus
