// A file of usage as rows: one for each record, either a line or what is wrong with it.
#include "../core/formats.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

// Columns of read_usage, in order.
constexpr int columns = 31;

class Row {
   public:
    void integer(std::int64_t value) { put(Int64GetDatum(value)); }
    void text(std::string_view value)
    {
        if (value.data() == nullptr)
            put_null();
        else
            put(text_datum(value));
    }
    void date(Day day) { put(DateADTGetDatum(day)); }
    void number(const Decimal &value) { put(numeric_from(Int256(value.units), value.scale)); }
    void number(const OptionalDecimal &number_or_nothing)
    {
        if (number_or_nothing.given)
            number(number_or_nothing.value);
        else
            put_null();
    }
    // Names and values by turns, as jsonb_object takes them.
    void attributes(std::span<const Attribute> list)
    {
        if (list.empty()) {
            put_null();
            return;
        }
        auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * 2 * list.size()));
        int count = 0;
        for (const Attribute &attribute : list) {
            elements[count++] = text_datum(attribute.name);
            elements[count++] = text_datum(attribute.value);
        }
        put(PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT)));
    }
    void store(const ReturnSetInfo *result)
    {
        while (count_ < columns) put_null();
        tuplestore_putvalues(result->setResult, result->setDesc, values_, nulls_);
    }

   private:
    void put(Datum value)
    {
        nulls_[count_] = false;
        values_[count_++] = value;
    }
    void put_null()
    {
        nulls_[count_] = true;
        values_[count_++] = Datum{0};
    }

    Datum values_[columns];
    bool nulls_[columns];
    int count_ = 0;
};

void store_line(const ReturnSetInfo *result, std::int64_t line_number, const UsageLine &line)
{
    Row row;
    row.integer(line_number);
    for (int problem = 0; problem < 3; ++problem) row.text({});
    row.date(line.usage_day);
    for (const std::string_view value : {line.account_id, line.account_name, line.cloud_id, line.cloud_name, line.folder_id, line.folder_name,
                                         line.resource_id, line.service_id, line.service_name, line.sku_id, line.sku_name, line.currency,
                                         line.charge_category})
        row.text(value);
    row.number(line.pricing_quantity);
    row.text(line.pricing_unit);
    row.number(line.cost);
    row.number(line.credit);
    row.number(line.monetary_grant_credit);
    row.number(line.volume_incentive_credit);
    row.number(line.cud_credit);
    row.number(line.misc_credit);
    row.number(line.reward);
    row.attributes(line.attributes);
    for (const std::string_view value : {line.locale, line.updated_at, line.exported_at}) row.text(value);
    row.store(result);
}

void store_reject(const ReturnSetInfo *result, std::int64_t line_number, const Reject &reject)
{
    Row row;
    row.integer(line_number);
    row.text(reject.column.empty() ? std::string_view{} : reject.column);
    row.text(reject.error.code == Errc::line_field_count ? std::string_view(psprintf(INT64_FORMAT " fields", reject.error.at)) : reject.error.subject);
    row.text(reason(reject.error.code));
    row.store(result);
}

}  // namespace

PG_FUNCTION(partner_bonus_read_usage)
{
    InitMaterializedSRF(fcinfo, 0);
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    if (result->setDesc->natts != columns) fail(Misuse::wrong_catalog);
    const Format format = value_or_fail(format_from_name(text_view(PG_GETARG_DATUM(0))));

    CsvReader reader(memory());
    reader.feed(text_view(PG_GETARG_DATUM(1)));
    reader.finish();
    CsvRecord record;
    (void)value_or_fail(reader.next(record));  // without a header the record has no fields
    const MemoryContext rows = AllocSetContextCreate(CurrentMemoryContext, "usage line", ALLOCSET_DEFAULT_SIZES);
    FormatReader lines = value_or_fail(FormatReader::open(format, record, memory()));
    while (value_or_fail(reader.next(record)) == CsvReader::Step::record) {
        CHECK_FOR_INTERRUPTS();
        UsageLine line;
        Reject reject;
        const bool accepted = lines.read(record, line, reject);
        const MemoryContext here = MemoryContextSwitchTo(rows);
        if (accepted)
            store_line(result, record.line, line);
        else
            store_reject(result, record.line, reject);
        MemoryContextSwitchTo(here);
        MemoryContextReset(rows);
    }
    return Datum{0};
}

}  // namespace partner_bonus::pg
