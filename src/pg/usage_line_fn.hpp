// The composite type usage_line.
#pragma once

#include "../core/usage_line.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

// Texts point into the row.
UsageLine usage_line_from(HeapTupleHeader row);

}  // namespace partner_bonus::pg
