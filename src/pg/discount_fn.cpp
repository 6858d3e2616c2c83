#include "../core/discount.hpp"

#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

PG_FUNCTION(partner_bonus_discount)
{
    const Bytes consumption = value_bytes(PG_GETARG_DATUM(0));
    const auto steps = value_or_fail(schedule_steps(value_bytes(PG_GETARG_DATUM(1)), memory()));
    return numeric_from(discount(consumption, steps), exact_scale);
}

PG_FUNCTION(partner_bonus_explain)
{
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const Bytes consumption = value_bytes(PG_GETARG_DATUM(0));
    const auto steps = value_or_fail(schedule_steps(value_bytes(PG_GETARG_DATUM(1)), memory()));
    for (const ExplainedSegment &segment : value_or_fail(explain(consumption, steps, memory()))) {
        CHECK_FOR_INTERRUPTS();
        Datum values[] = {date_range_from(segment.days),
                          numeric_from(segment.cost, amount_scale),
                          numeric_from(segment.grant_credit, amount_scale),
                          numeric_from(segment.other_credit, amount_scale),
                          numeric_from(segment.base, amount_scale),
                          numeric_from(Int256(segment.rate), rate_scale),
                          numeric_from(segment.bonus, exact_scale)};
        bool nulls[] = {false, false, false, false, false, false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return Datum{0};
}

}  // namespace partner_bonus::pg
