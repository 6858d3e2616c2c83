#include "../core/consumption_map.hpp"

#include "../core/consumption_map_state.hpp"
#include "datum.hpp"
#include "fail.hpp"
#include "pack_datum.hpp"

namespace partner_bonus::pg {

namespace {

// Columns of entries, in order.
constexpr int columns = pack_key_columns + 3;

ConsumptionMapState *state_argument(FunctionCallInfo fcinfo)
{
    return PG_ARGISNULL(0) ? nullptr : reinterpret_cast<ConsumptionMapState *>(PG_GETARG_POINTER(0));
}

// Whether lines are taken off.
bool sign_argument(FunctionCallInfo fcinfo, int argument)
{
    if (PG_ARGISNULL(argument)) fail(Misuse::null_sign);
    const int32 sign = PG_GETARG_INT32(argument);
    if (sign != 1 && sign != -1) fail(Misuse::sign_neither, psprintf("%d", sign));
    return sign == -1;
}

// The words of a map as texts, each made when it is first wanted.
class Texts {
   public:
    explicit Texts(const MapWords &words) : words_(words)
    {
        for (std::size_t column = 0; column < words.size(); ++column)
            texts_[column] = static_cast<Datum *>(palloc0(sizeof(Datum) * (words[column].size() + 1)));
    }
    bool missing(std::size_t column, std::uint32_t place) const { return words_[column][place].data() == nullptr; }
    Datum get(std::size_t column, std::uint32_t place)
    {
        Datum &text = texts_[column][place];
        if (text == Datum{0}) text = text_datum(words_[column][place]);
        return text;
    }

   private:
    MapWords words_;
    std::array<Datum *, pack_key_columns> texts_;
};

}  // namespace

PG_FUNCTION(consumption_map_in)
{
    const auto bytes = bytes_from_base64(PG_GETARG_CSTRING(0));
    if (!bytes) return fail_input(fcinfo, bytes.error());
    const auto map = consumption_map_from_binary(*bytes, memory());
    if (!map) return fail_input(fcinfo, map.error());
    return value_datum(*map);
}

PG_FUNCTION(consumption_map_out) { PG_RETURN_CSTRING(base64_from(value_bytes(PG_GETARG_DATUM(0)))); }

PG_FUNCTION(consumption_map_recv)
{
    return value_datum(value_or_fail(consumption_map_from_binary(message_bytes(fcinfo), memory())));
}

PG_FUNCTION(consumption_map_send) { return value_datum(value_bytes(PG_GETARG_DATUM(0))); }

// The state lives as long as the aggregate, what is fetched of a pack as long as this call.
PG_FUNCTION(consumption_map_agg_add)
{
    ConsumptionMapState *state = state_argument(fcinfo);
    if (PG_ARGISNULL(1)) {
        if (state == nullptr) PG_RETURN_NULL();
        PG_RETURN_POINTER(state);
    }
    if (PG_ARGISNULL(2)) fail(Misuse::null_day);
    const bool subtract = sign_argument(fcinfo, 3);
    if (state == nullptr) {
        MemoryContext context;
        if (AggCheckCallContext(fcinfo, &context) == 0) fail(Misuse::not_an_aggregate);
        state = value_or_fail(ConsumptionMapState::create(memory_in(context)));
    }
    (void)value_or_fail(state->add(directory_bytes(PG_GETARG_DATUM(1)), PG_GETARG_DATEADT(2), subtract, memory()));
    PG_RETURN_POINTER(state);
}

PG_FUNCTION(consumption_map_agg_result)
{
    const ConsumptionMapState *state = state_argument(fcinfo);
    if (state == nullptr) PG_RETURN_NULL();
    return value_datum(value_or_fail(state->store(memory())));
}

PG_FUNCTION(consumption_map_entries)
{
    InitMaterializedSRF(fcinfo, 0);
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    if (result->setDesc->natts != columns) fail(Misuse::wrong_catalog);
    ConsumptionMapReader reader = value_or_fail(ConsumptionMapReader::open(value_bytes(PG_GETARG_DATUM(0)), memory()));
    Texts texts(reader.words());
    const MemoryContext whole = CurrentMemoryContext;
    const MemoryContext rows = AllocSetContextCreate(whole, "entries of a consumption_map", ALLOCSET_DEFAULT_SIZES);
    for (MapEntry entry; reader.next(entry);) {
        CHECK_FOR_INTERRUPTS();
        Datum values[columns];
        bool nulls[columns] = {};
        for (std::size_t column = 0; column < pack_key_columns; ++column) {
            nulls[column] = texts.missing(column, entry.key[column]);
            values[column] = texts.get(column, entry.key[column]);
        }
        MemoryContextSwitchTo(rows);
        values[pack_key_columns] = value_datum(entry.consumption);
        values[pack_key_columns + 1] = Int64GetDatum(entry.lines);
        nulls[pack_key_columns + 2] = !entry.reward.given;
        values[pack_key_columns + 2] = numeric_from(Int256(entry.reward.value.units), entry.reward.value.scale);
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        MemoryContextSwitchTo(whole);
        MemoryContextReset(rows);
    }
    if (reader.failed()) fail(Error{Errc::binary_malformed});
    return Datum{0};
}

}  // namespace partner_bonus::pg
