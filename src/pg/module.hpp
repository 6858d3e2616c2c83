// What the module sets up when the server loads it.
#pragma once

#include "pg.hpp"

namespace partner_bonus::pg {

void define_known_at();

}  // namespace partner_bonus::pg
