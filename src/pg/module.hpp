// What the module sets up when the server loads it.
#pragma once

#include "pg.hpp"

namespace partner_bonus::pg {

void define_settings();

}  // namespace partner_bonus::pg
