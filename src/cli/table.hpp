// Rows of a query for people and for programs.
#pragma once

#include <string>

#include "database.hpp"

namespace pbonus {

// Aligned columns under their names.
std::string table_text(const Rows &rows);
// An array of objects. Whole numbers and truth values are JSON's own; decimals are texts, so that none is rounded.
std::string json_rows(const Rows &rows);

}  // namespace pbonus
